/** The image formats that AssetLens reads, one line for each. CONTRIBUTING.md describes how to add one. */
export { avif } from './avif.ts';
export { bmp } from './bmp.ts';
export { gif } from './gif.ts';
export { ico } from './ico.ts';
export { jpeg } from './jpeg.ts';
export { png } from './png.ts';
export { psd } from './psd.ts';
export { svg } from './svg.ts';
export { tiff } from './tiff.ts';
export { webp } from './webp.ts';
