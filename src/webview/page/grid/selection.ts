/** The ids of the selected images. */
export interface Selection {
  readonly ids: ReadonlySet<number>;
  /** The position where a range begins; -1 if there is none. */
  readonly anchor: number;
}

export const nothingSelected: Selection = { ids: new Set(), anchor: -1 };

/** Selects one image. */
export function select(order: Uint32Array, position: number): Selection {
  const id = order[position];
  return id === undefined ? nothingSelected : { ids: new Set([id]), anchor: position };
}

/** Adds one image, or removes it. */
export function toggle(selection: Selection, order: Uint32Array, position: number): Selection {
  const id = order[position];
  if (id === undefined) return selection;
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, anchor: position };
}

/** Selects the range from the anchor to a position. `keep` keeps the other selected images. */
export function extend(selection: Selection, order: Uint32Array, position: number, keep: boolean): Selection {
  const anchor = selection.anchor < 0 ? position : selection.anchor;
  const range = order.subarray(Math.min(anchor, position), Math.max(anchor, position) + 1);
  return { ids: new Set(keep ? [...selection.ids, ...range] : range), anchor };
}

export function selectAll(order: Uint32Array): Selection {
  return { ids: new Set(order), anchor: 0 };
}

/** Removes the images from a selection that are no longer shown. */
export function stillShown(selection: Selection, order: Uint32Array): Selection {
  if (selection.ids.size === 0) return nothingSelected;
  const shown = new Set(order);
  return { ids: new Set([...selection.ids].filter((id) => shown.has(id))), anchor: -1 };
}

/** Sets the anchor to a position if there is none. */
export function withAnchor(selection: Selection, position: number): Selection {
  return selection.anchor < 0 ? { ...selection, anchor: position } : selection;
}
