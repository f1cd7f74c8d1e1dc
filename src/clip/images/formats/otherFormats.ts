import path from 'node:path';
import { hasImageExtension } from './registry.ts';

/**
 * Extensions of picture formats that AssetLens may not read: drawings and projects of graphics programs, textures,
 * scans and raw photographs. An extension that has a descriptor does not count, so that it need not be removed here.
 */
const OTHER_EXTENSIONS: ReadonlySet<string> = new Set([
  ...[
    'psd',
    'psb',
    'xcf',
    'kra',
    'ora',
    'clip',
    'procreate',
    'sai',
    'sai2',
    'mdp',
    'pdn',
    'aseprite',
    'ase',
    'pxm',
    'pspimage',
  ],
  ...['ai', 'eps', 'cdr', 'afdesign', 'afphoto', 'sketch', 'fig', 'xd', 'wmf', 'emf'],
  ...['heic', 'heif', 'jxl', 'jp2', 'j2k', 'jpf', 'jpx', 'jxr', 'qoi', 'icns', 'djvu'],
  ...['tga', 'dds', 'ktx', 'ktx2', 'pvr', 'basis', 'astc', 'vtf', 'blp', 'exr', 'hdr'],
  ...['pcx', 'sgi', 'xbm', 'xpm', 'pbm', 'pgm', 'ppm', 'pnm', 'pam', 'pfm', 'fits'],
  ...['cr2', 'cr3', 'nef', 'arw', 'dng', 'orf', 'rw2', 'raf', 'pef', 'srw'],
]);

/** Files of one picture format that AssetLens does not read. */
export interface UnreadFormat {
  /** Lower case, without a dot. */
  readonly extension: string;
  readonly files: number;
}

/**
 * The extension of a picture that AssetLens does not read, lower case and without a dot; undefined for an image that it
 * reads, and for all other files.
 */
export function unreadExtension(file: string): string | undefined {
  const extension = path.posix.extname(file).slice(1).toLowerCase();
  return OTHER_EXTENSIONS.has(extension) && !hasImageExtension(file) ? extension : undefined;
}
