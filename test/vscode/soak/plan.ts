/** The longest time for which the event loop may be blocked, in milliseconds of work. */
export const MOST_BLOCK = 50;

/** What the suite in the extension host does. It reads this as JSON from ASSETLENS_SOAK. */
export interface SoakPlan {
  /** Time of the changes. */
  readonly minutes: number;
  readonly seed: number;
  /** The file for the report. */
  readonly report: string;
  /** The folder for CPU profiles of the seconds in which the event loop was blocked for too long, or null. */
  readonly profiles: string | null;
}

export interface SoakSample {
  /** Seconds after the first index was complete. */
  readonly seconds: number;
  /** Resident memory of the extension host after a garbage collection, in MB; null if this sample has none. */
  readonly host: number | null;
  /** Resident memory of the inference process, in MB. */
  readonly inference: number;
  /** The longest block of the event loop since the last sample, in milliseconds: elapsed, and work of the thread. */
  readonly block: number;
  readonly work: number;
}

export interface SoakReport {
  readonly images: number;
  readonly changes: number;
  /** The longest block of the event loop during the first index. */
  readonly indexing: { readonly seconds: number; readonly block: number; readonly work: number };
  readonly samples: readonly SoakSample[];
  /** Images on the disk that the index lacks at the end, and the other way round. */
  readonly missing: readonly string[];
  readonly outdated: readonly string[];
}
