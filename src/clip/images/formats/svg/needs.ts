import type { DrawingNeeds } from '../../decoding/memory.ts';

/** Bytes of an element in the tree of librsvg, and of a number in a path or a list, which are never more. */
const ELEMENT = 1500;
const NUMBER = 85;
/** Bytes of the tree for each byte of the file, whatever it contains. */
const BYTE = 2;

const [LESS, ZERO, NINE] = [0x3c, 0x30, 0x39];
const DATA_URI = /data:image\/[\w.+-]+;base64,([\w+/=\s]*)/gi;
const TAG = /<(\/?)[a-z_][^\s/>]*([^>]*)>/gi;
/** Properties that make librsvg draw an element into a layer of its own. A filter needs several layers. */
const FILTER = /\bfilter\b/;
const LAYER = /\b(?:opacity|mask|clip-path|mix-blend-mode|isolation)\b/;
const FILTER_LAYERS = 6;
/** Characters of base64 that contain the header of an embedded image. */
const HEADER_CHARACTERS = 256 * 1024;

/** Estimates the tree and the layers of a drawing from its text, in one pass over its bytes. */
export function treeAndLayers(bytes: Uint8Array): Pick<DrawingNeeds, 'tree' | 'layers'> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  let [elements, numbers, inNumber] = [0, 0, false];
  let from = 0;
  const count = (to: number): void => {
    for (let at = from; at < to; at++) {
      const byte = bytes[at] ?? 0;
      const isDigit = byte >= ZERO && byte <= NINE;
      if (isDigit && !inNumber) numbers++;
      else if (byte === LESS) elements++;
      inNumber = isDigit;
    }
  };
  for (const uri of text.matchAll(DATA_URI)) {
    count(uri.index);
    from = uri.index + uri[0].length;
  }
  count(bytes.length);
  return { tree: ELEMENT * elements + NUMBER * numbers + BYTE * bytes.length, layers: layersOf(text) };
}

/** The headers of the images in a drawing, which librsvg decodes as whole images. */
export function embeddedImages(bytes: Uint8Array): Uint8Array[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  if (!text.includes('data:image')) return [];
  return Array.from(text.matchAll(DATA_URI), ([, data = '']) =>
    Buffer.from(data.slice(0, HEADER_CHARACTERS), 'base64'),
  );
}

/** The most layers that are nested in each other. A style sheet can make any element a layer. */
function layersOf(text: string): number {
  const weigh = (attributes: string): number => {
    if (FILTER.test(attributes)) return FILTER_LAYERS;
    return LAYER.test(attributes) ? 1 : 0;
  };
  const byStyle = [...text.matchAll(/<style\b[^>]*>([^<]*)/gi)].reduce((most, [, css = '']) => {
    return Math.max(most, weigh(css));
  }, 0);
  if (byStyle === 0 && weigh(text) === 0) return 0;
  const open: number[] = [];
  let [layers, most] = [0, 0];
  for (const [tag, close, attributes = ''] of text.matchAll(TAG)) {
    if (close === '/') {
      layers -= open.pop() ?? 0;
      continue;
    }
    const weight = Math.max(byStyle, weigh(attributes));
    most = Math.max(most, layers + weight);
    if (tag.endsWith('/>')) continue;
    open.push(weight);
    layers += weight;
  }
  return most;
}
