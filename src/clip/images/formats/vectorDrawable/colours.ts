/** A colour of a drawable in SVG. */
export interface DrawableColour {
  readonly colour: string;
  /** 0 to 1. */
  readonly opacity: number;
}

/** The colour for a resource or an attribute of a theme: a grey that is visible on light and on dark. */
export const NEUTRAL: DrawableColour = { colour: '#6e6e6e', opacity: 1 };

/** Colours of the Android framework. */
const FRAMEWORK: Readonly<Record<string, DrawableColour>> = {
  '@android:color/black': { colour: '#000000', opacity: 1 },
  '@android:color/white': { colour: '#ffffff', opacity: 1 },
  '@android:color/transparent': { colour: '#000000', opacity: 0 },
};

/**
 * Reads a colour: #RGB, #ARGB, #RRGGBB or #AARRGGBB.
 * @returns undefined for a resource or an attribute of a theme, whose value the file does not contain
 */
export function drawableColour(value: string): DrawableColour | undefined {
  const known = FRAMEWORK[value.trim()];
  if (known) return known;
  const digits = /^#([\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})$/i.exec(value.trim())?.[1];
  if (digits === undefined) return undefined;
  const long = digits.length < 6 ? digits.replaceAll(/./g, '$&$&') : digits;
  const hasAlpha = long.length === 8;
  return {
    colour: `#${long.slice(hasAlpha ? 2 : 0).toLowerCase()}`,
    opacity: hasAlpha ? parseInt(long.slice(0, 2), 16) / 255 : 1,
  };
}
