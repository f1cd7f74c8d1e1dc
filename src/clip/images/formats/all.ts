/** The image formats that AssetLens reads, one line for each. CONTRIBUTING.md describes how to add one. */
export { avif } from './avif.ts';
export { bmp } from './bmp.ts';
export { gif } from './gif.ts';
export { hdr } from './hdr.ts';
export { icns } from './icns.ts';
export { ico } from './ico.ts';
export { jpeg } from './jpeg.ts';
export { kra } from './kra.ts';
export { ora } from './ora.ts';
export { png } from './png.ts';
export { pnm } from './pnm.ts';
export { psd } from './psd.ts';
export { qoi } from './qoi.ts';
export { svg } from './svg.ts';
export { tga } from './tga.ts';
export { tiff } from './tiff.ts';
export { webp } from './webp.ts';
