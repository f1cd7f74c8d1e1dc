/** An image of a text without an alternative text. */
export interface UndescribedImage extends Range {
  /** The path as written, with the escapes of the language. */
  readonly path: string;
  /** Returns the edit that adds an alternative text. */
  readonly edit: (altText: string) => TextEdit;
}

/** Offsets of a text: of the first character, and after the last. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Replaces a range. */
export interface TextEdit extends Range {
  readonly text: string;
}
