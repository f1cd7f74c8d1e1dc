/** Measures of the grid and its tiles, in pixels. */
export const GAP = 8;
export const PADDING = 12;
export const TITLE_HEIGHT = 32;
/** The caption below the picture: the name and the best labels. */
export const CAPTION_HEIGHT = 38;
/** Smaller tiles have no caption. */
export const CAPTION_MIN_SIDE = 88;
