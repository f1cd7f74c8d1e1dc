/**
 * Formats numbers for users. One MB is 10^6 bytes, as on the hub and in file managers. Memory is in GiB, as vendors
 * specify it.
 */

const UNITS = ['B', 'kB', 'MB', 'GB'] as const;

/** Formats a number of bytes: "64 B", "1.2 kB", "36 kB", "608 MB". */
export function fileSize(bytes: number): string {
  const power = unitOf(bytes);
  const size = bytes / 1000 ** power;
  return `${power > 0 && size < 10 ? size.toFixed(1) : Math.round(size)} ${UNITS[power] ?? ''}`;
}

/**
 * Formats two different numbers of bytes with so many digits that the texts differ: "64.0004 MB" and "64 MB". Bytes are
 * the last resort.
 */
export function sizesApart(bytes: number, other: number): readonly [string, string] {
  const short = [fileSize(bytes), fileSize(other)] as const;
  if (short[0] !== short[1]) return short;
  const power = unitOf(bytes);
  for (let digits = 1; digits <= 3 * power; digits++) {
    const [first = '', second = ''] = [bytes, other].map((size) =>
      String(Number((size / 1000 ** power).toFixed(digits))),
    );
    if (first !== second) return [`${first} ${UNITS[power] ?? ''}`, `${second} ${UNITS[power] ?? ''}`];
  }
  return short;
}

function unitOf(bytes: number): number {
  return UNITS.findLastIndex((_, i) => i === 0 || bytes >= 1000 ** i);
}

/** Returns whole megabytes, rounded up, as steps of a progress display. */
export function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}

/** Formats an amount of memory: "15.5 GiB". */
export function memorySize(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

/** Formats a score from 0 to 1: "93 %". Only 1 is "100 %", because only equal images and manual tags have it. */
export function percent(score: number): string {
  const rounded = score >= 1 ? 100 : Math.min(99, Math.round(100 * score));
  return score > 0 && rounded < 1 ? '< 1 %' : `${rounded} %`;
}

/** Formats a share that a user typed, such as a threshold, with the digits that matter: "15.5 %". */
export function exactPercent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
