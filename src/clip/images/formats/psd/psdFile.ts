/** The sections of a PSD or PSB file ("Adobe Photoshop File Formats Specification", 2019). */
import { UserError } from '../../../../base/userError.ts';

const HEADER_BYTES = 26;
const MERGED_PICTURE = 1057;
const COLOUR_PROFILE = 1039;

export interface PsdFile {
  readonly isLarge: boolean;
  readonly channels: number;
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  /** Colour mode: 0 bitmap, 1 grey, 2 indexed, 3 RGB, 4 CMYK, 8 duotone, 9 Lab. */
  readonly mode: number;
  /** [3, 256]; the palette of indexed colours. */
  readonly palette: Buffer;
  readonly profile: Buffer | null;
  /** Whether the file contains the picture of all layers together. */
  readonly hasMergedPicture: boolean;
  /** Whether the first channel behind the colours is the transparency of the merged picture. */
  readonly hasTransparency: boolean;
  /** The merged picture: compression and pixels. */
  readonly picture: Buffer;
}

/** @throws UserError where a section ends outside of the file */
export function readPsd(file: Buffer): PsdFile {
  if (file.length < HEADER_BYTES + 12) throw new UserError('truncated PSD');
  const isLarge = file.readUInt16BE(4) === 2;
  const [palette, afterPalette] = section(file, HEADER_BYTES, false);
  const [resources, afterResources] = section(file, afterPalette, false);
  const [layers, pictureAt] = section(file, afterResources, isLarge);
  if (pictureAt + 2 > file.length) throw new UserError('truncated PSD');
  const { profile, hasMergedPicture } = readResources(resources);
  return {
    ...{ isLarge, palette, profile, hasMergedPicture },
    channels: file.readUInt16BE(12),
    height: file.readUInt32BE(14),
    width: file.readUInt32BE(18),
    bits: file.readUInt16BE(22),
    mode: file.readUInt16BE(24),
    // A negative number of layers marks the transparency.
    hasTransparency: layerCount(layers, isLarge) < 0,
    picture: file.subarray(pictureAt),
  };
}

/** @returns the content of a section, and the offset behind it */
function section(file: Buffer, at: number, isLarge: boolean): [content: Buffer, end: number] {
  const start = at + (isLarge ? 8 : 4);
  if (start > file.length) throw new UserError('truncated PSD');
  const end = start + (isLarge ? Number(file.readBigUInt64BE(at)) : file.readUInt32BE(at));
  if (end > file.length) throw new UserError('truncated PSD');
  return [file.subarray(start, end), end];
}

function readResources(resources: Buffer): Pick<PsdFile, 'profile' | 'hasMergedPicture'> {
  let profile: Buffer | null = null;
  let hasMergedPicture = true;
  for (let at = 0; at + 12 <= resources.length;) {
    const id = resources.readUInt16BE(at + 4);
    const nameLength = (resources[at + 6] ?? 0) + 1;
    const dataAt = at + 6 + nameLength + (nameLength % 2) + 4;
    if (dataAt > resources.length) break;
    const length = resources.readUInt32BE(dataAt - 4);
    const data = resources.subarray(dataAt, dataAt + length);
    if (id === COLOUR_PROFILE && data.length === length) profile = data;
    if (id === MERGED_PICTURE && data.length >= 5) hasMergedPicture = data[4] !== 0;
    at = dataAt + length + (length % 2);
  }
  return { profile, hasMergedPicture };
}

/** The layers of 16 and 32 bits are in a block of their own. */
function layerCount(layers: Buffer, isLarge: boolean): number {
  const lengthBytes = isLarge ? 8 : 4;
  const hasInfo = layers.length >= lengthBytes + 2 && layers.subarray(0, lengthBytes).some((byte) => byte > 0);
  if (hasInfo) return layers.readInt16BE(lengthBytes);
  for (const name of ['8BIMLr16', '8BIMLr32']) {
    const at = layers.indexOf(name, 0, 'latin1');
    if (at >= 0 && at + name.length + lengthBytes + 2 <= layers.length) {
      return layers.readInt16BE(at + name.length + lengthBytes);
    }
  }
  return 0;
}
