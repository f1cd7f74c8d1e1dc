import { defaultRangeExtractor, VirtualizerController } from '@tanstack/lit-virtual';
import type { LitElement } from 'lit';

export interface RowVirtualizerOptions {
  readonly scroller: () => HTMLElement | null;
  readonly heightOf: (row: number) => number;
  /** A row that stays in the document when it is out of view; -1: none. */
  readonly keptRow: () => number;
  readonly paddingStart: number;
  readonly paddingEnd: number;
}

/** A row in the document, in pixels from the start of all rows. */
export interface RowItem {
  readonly key: unknown;
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/** Determines the rows of a scrolling element that are in view. It updates the element when the user scrolls. */
export class RowVirtualizer {
  readonly #controller: VirtualizerController<HTMLElement, HTMLElement>;

  constructor(host: LitElement, { scroller, heightOf, keptRow, paddingStart, paddingEnd }: RowVirtualizerOptions) {
    this.#controller = new VirtualizerController<HTMLElement, HTMLElement>(host, {
      getScrollElement: scroller,
      count: 0,
      estimateSize: heightOf,
      overscan: 3,
      paddingStart,
      paddingEnd,
      rangeExtractor: (range) => {
        const kept = keptRow();
        const indices = defaultRangeExtractor(range);
        return kept < 0 || indices.includes(kept) ? indices : [...indices, kept].sort((a, b) => a - b);
      },
    });
  }

  /** The rows in view. */
  get items(): readonly RowItem[] {
    return this.#controller.getVirtualizer().getVirtualItems();
  }

  /** The height of all rows. */
  get totalSize(): number {
    return this.#controller.getVirtualizer().getTotalSize();
  }

  /** The position of a row, whether it is in view or not. */
  rowAt(index: number): Pick<RowItem, 'start' | 'end'> | undefined {
    return this.#controller.getVirtualizer().measurementsCache[index];
  }

  /** Call it when the number of rows or their heights have changed. */
  measure(count: number): void {
    const virtualizer = this.#controller.getVirtualizer();
    virtualizer.setOptions({ ...virtualizer.options, count });
    virtualizer.measure();
  }
}
