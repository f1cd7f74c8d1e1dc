/** An image as texts refer to it. */
export interface ReferencedImage {
  /** Relative to the workspace folder, with '/'. */
  readonly path: string;
  /** What it shows, for those who do not see it. */
  readonly alt: string;
  /** Pixels, where they are known. */
  readonly size?: { readonly width: number; readonly height: number } | undefined;
}

/** `![alt](path)`; see CommonMark 0.31, "Images" and "Backslash escapes". */
export function markdownReference({ path, alt }: ReferencedImage): string {
  // Any ASCII punctuation may follow a backslash, so that alt text never begins a link, an entity or code.
  const text = oneLine(alt).replace(/[\\`*_{}[\]()<>#&!|~^$]/g, '\\$&');
  return `![${text}](${encodePath(path)})`;
}

/** `<img>` with its size, so that the page does not move when the image arrives. */
export function htmlReference({ path, alt, size }: ReferencedImage): string {
  const dimensions = size ? ` width="${size.width}" height="${size.height}"` : '';
  return `<img src="${escapeHtml(encodePath(path))}" alt="${escapeHtml(oneLine(alt))}"${dimensions}>`;
}

/** `url("…")`; the encoded path holds neither quotes nor backslashes nor line breaks, which would end the string. */
export function cssReference({ path }: ReferencedImage): string {
  return `url("${encodePath(path)}")`;
}

/** Alt text: the labels that somebody gave or that are surest, else what the file's name says. */
export function altText(labels: readonly string[], path: string): string {
  if (labels.length > 0) return labels.join(', ');
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]+$/, '');
  return name.replace(/[-_.]+/g, ' ').trim();
}

/**
 * A path as a relative URL: letters of all scripts stay readable; what means something in a URL, in Markdown, HTML or CSS is
 * percent-encoded. A colon is, too: what stands before it would be taken for a scheme.
 */
export function encodePath(path: string): string {
  return path.replace(/[\p{Cc}\p{Cf}\p{Z}\p{Cs}"'<>()[\]{}\\^`|%#?:&*;]/gu, (character) => percentEncoded(character));
}

/** UTF-8, as URLs have it. A lone surrogate, which is no character, becomes the replacement character. */
function percentEncoded(character: string): string {
  const bytes = new TextEncoder().encode(character);
  return Array.from(bytes, (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
