/**
 * The structure of a JPEG file (ITU-T T.81, annexes B and G): whether its end is missing, and what its decoder holds.
 */

export const END = Buffer.from([0xff, 0xd9]);
const START_OF_SCAN = 0xda;
const COEFFICIENTS = 64;

/**
 * `marked`: an end marker follows the first scan; `unmarked`: all scans have begun, so that at most the rest of the
 * last one and the end marker are missing; `missing`: whole scans or parts of headers are missing.
 */
export type JpegEnd = 'marked' | 'unmarked' | 'missing';

export interface JpegStructure {
  readonly end: JpegEnd;
  /**
   * Coefficients of a pixel, in all components together, that the decoder holds until the last scan; 0 where one scan
   * has all coefficients.
   */
  readonly heldCoefficients: number;
}

export function readJpeg(file: Buffer): JpegStructure {
  const scans = new Scans();
  // The metadata before the first scan may contain a thumbnail with a marker.
  for (let at = 2; ;) {
    at = nextMarker(file, at);
    const code = file[at + 1];
    if (code === undefined) return scans.result(scans.areComplete ? 'unmarked' : 'missing');
    const end = at + 4 <= file.length ? at + 2 + file.readUInt16BE(at + 2) : Infinity;
    if (end > file.length) return scans.result('missing');
    const segment = file.subarray(at + 4, end);
    if (isStartOfFrame(code)) scans.setFrame(code, segment);
    else if (code === START_OF_SCAN) {
      const isFirst = !scans.haveBegun;
      scans.add(segment);
      if (isFirst && file.includes(END, end)) return scans.result('marked');
    }
    at = end;
  }
}

/** The position of the next marker with a segment, or the end of the file. Other bytes are the pixels of a scan. */
function nextMarker(file: Buffer, from: number): number {
  for (let at = file.indexOf(0xff, from); at >= 0; at = file.indexOf(0xff, at + 1)) {
    const code = file[at + 1] ?? 0;
    const isRestart = code >= 0xd0 && code <= 0xd7;
    if (code > 1 && code < 0xff && !isRestart) return at;
  }
  return file.length;
}

/** Whether a code is one of SOF0 to SOF15. Three codes in between mean something else. */
function isStartOfFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(code);
}

interface Component {
  readonly id: number;
  /** Samples in a block of the picture. */
  readonly samples: number;
}

/** The components of the frame, and the bits of coefficients that the scans so far contain. */
class Scans {
  #isProgressive = false;
  #hasSeveralScans = false;
  #components: readonly Component[] = [];
  /** [64] the lowest bit of each coefficient of a component. */
  readonly #lowestBits = new Map<number, Uint8Array>();

  get haveBegun(): boolean {
    return this.#lowestBits.size > 0;
  }

  get areComplete(): boolean {
    const isComplete = ({ id }: Component): boolean => this.#lowestBits.get(id)?.every((bit) => bit === 0) ?? false;
    return this.#components.length > 0 && this.#components.every(isComplete);
  }

  result(end: JpegEnd): JpegStructure {
    const samples = this.#components.map((component) => component.samples);
    const coefficients = samples.reduce((sum, count) => sum + count, 0) / Math.max(1, ...samples);
    return { end, heldCoefficients: this.#isProgressive || this.#hasSeveralScans ? coefficients : 0 };
  }

  setFrame(code: number, segment: Buffer): void {
    this.#isProgressive = (code & 3) === 2;
    this.#components = Array.from({ length: segment[5] ?? 0 }, (_, i) => {
      const sampling = segment[7 + 3 * i] ?? 0;
      return { id: segment[6 + 3 * i] ?? 0, samples: (sampling >> 4) * (sampling & 15) };
    });
  }

  add(segment: Buffer): void {
    const count = segment[0] ?? 0;
    const [first = 0, last = 0, bits = 0] = segment.subarray(1 + 2 * count);
    if (count < this.#components.length) this.#hasSeveralScans = true;
    for (let i = 0; i < count; i++) {
      const component = segment[1 + 2 * i] ?? 0;
      const lowest = this.#lowestBits.get(component) ?? new Uint8Array(COEFFICIENTS).fill(0xff);
      this.#lowestBits.set(component, lowest);
      if (this.#isProgressive) lowest.fill(bits & 15, first, last + 1);
      else lowest.fill(0); // a scan has all bits of all coefficients
    }
  }
}
