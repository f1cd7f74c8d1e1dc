// All model families, a line each.
export { clip } from './clip/index.ts';
export { siglip } from './siglip/index.ts';
