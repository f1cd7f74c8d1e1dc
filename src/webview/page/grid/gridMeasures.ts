/** Pixels of the grid and its tiles. */
export const GAP = 8;
export const PADDING = 12;
export const TITLE_HEIGHT = 32;
/** Below the picture: the name, and its surest labels. Small tiles have the picture alone. */
export const CAPTION_HEIGHT = 38;
export const CAPTIONED_FROM = 88;
