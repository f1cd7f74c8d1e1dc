/** How many bytes of a file `binaryPlatform` wants to see. */
export const HEADER_BYTES = 4096;

/**
 * The platform that a native binary is for, as `linux-x64`, from the first bytes of the file: ELF, PE or Mach-O. Null for a
 * file that is no native binary; a processor that AssetLens does not ship for is given by its number.
 */
export function binaryPlatform(header: Buffer): string | null {
  if (header.length < 20) return null;
  const magic = header.readUInt32BE(0);
  if (magic === 0x7f454c46) return `linux-${named(header.readUInt16LE(18), { 0x3e: 'x64', 0xb7: 'arm64' })}`;
  if (magic === 0xcffaedfe) return `darwin-${named(header.readUInt32LE(4), { 0x1000007: 'x64', 0x100000c: 'arm64' })}`;
  if (magic === 0xcafebabe) return 'darwin-universal';
  if (magic >>> 16 === 0x4d5a) return windowsPlatform(header);
  return null;
}

function windowsPlatform(header: Buffer): string | null {
  if (header.length < 0x40) return null;
  const at = header.readUInt32LE(0x3c);
  if (at + 6 > header.length || header.toString('latin1', at, at + 4) !== 'PE\0\0') return null;
  return `win32-${named(header.readUInt16LE(at + 4), { 0x8664: 'x64', 0xaa64: 'arm64' })}`;
}

function named(machine: number, names: Readonly<Record<number, string>>): string {
  return names[machine] ?? `0x${machine.toString(16)}`;
}
