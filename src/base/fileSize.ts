const UNITS = ['B', 'KB', 'MB', 'GB'] as const;

/** A number of bytes as readable text in units of 1024: "64 B", "1.2 KB", "36 KB". */
export function fileSize(bytes: number): string {
  const power = UNITS.findLastIndex((_, i) => i === 0 || bytes >= 1024 ** i);
  const size = bytes / 1024 ** power;
  return `${power > 0 && size < 10 ? size.toFixed(1) : Math.round(size)} ${UNITS[power] ?? ''}`;
}
