// All model families, one line for each.
export { clip } from './clip/index.ts';
export { efficientnet } from './efficientnet/index.ts';
export { siglip } from './siglip/index.ts';
