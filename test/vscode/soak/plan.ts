/** What the suite in the extension host does. It reads this as JSON from ASSETLENS_SOAK. */
export interface SoakPlan {
  /** Time of the changes. */
  readonly minutes: number;
  readonly seed: number;
  /** The file for the report. */
  readonly report: string;
}

export interface SoakSample {
  /** Seconds after the first index was complete. */
  readonly seconds: number;
  /** Resident memory of the extension host and of the inference process, in MB. */
  readonly host: number;
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
