/** Images in a drawing that are shorter stay where they are. */
const SHORTEST = 256;
const DATA = /data:image\/[\w.+-]+;base64,([\w+/=\s%]*)/g;
const MARK = /@image(\d+)@/g;

/** A drawing whose embedded images are replaced by short marks. */
export interface WithoutImages {
  readonly text: string;
  /** Data URIs, by the number in their mark. */
  readonly images: readonly string[];
}

export function withoutImageData(text: string): WithoutImages {
  const images: string[] = [];
  if (!text.includes('data:image') || text.includes('@image')) return { text, images };
  const shortened = text.replace(DATA, (uri) => (uri.length < SHORTEST ? uri : `@image${images.push(uri) - 1}@`));
  return { text: shortened, images };
}

export function withImageData(text: string, images: readonly string[]): string {
  return images.length === 0 ? text : text.replace(MARK, (mark, index: string) => images[Number(index)] ?? mark);
}
