/** The number of bytes that `binaryPlatform` needs. */
export const HEADER_BYTES = 4096;

/**
 * Reads the platform of a native binary (ELF, PE or Mach-O), such as `linux-x64`, from the first bytes of its file. A
 * processor that AssetLens does not support appears as its number.
 * @returns null for a file that is not a native binary
 */
export function binaryPlatform(header: Buffer): string | null {
  if (header.length < 20) return null;
  const magic = header.readUInt32BE(0);
  if (magic === 0x7f454c46) return `linux-${processorName(header.readUInt16LE(18), { 0x3e: 'x64', 0xb7: 'arm64' })}`;
  if (magic === 0xcffaedfe)
    return `darwin-${processorName(header.readUInt32LE(4), { 0x1000007: 'x64', 0x100000c: 'arm64' })}`;
  if (magic === 0xcafebabe) return 'darwin-universal';
  if (magic >>> 16 === 0x4d5a) return windowsPlatform(header);
  return null;
}

function windowsPlatform(header: Buffer): string | null {
  if (header.length < 0x40) return null;
  const offset = header.readUInt32LE(0x3c);
  if (offset + 6 > header.length || header.toString('latin1', offset, offset + 4) !== 'PE\0\0') return null;
  return `win32-${processorName(header.readUInt16LE(offset + 4), { 0x8664: 'x64', 0xaa64: 'arm64' })}`;
}

function processorName(machine: number, names: Readonly<Record<number, string>>): string {
  return names[machine] ?? `0x${machine.toString(16)}`;
}
