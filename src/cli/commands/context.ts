import type { BundledModel } from '../../clip/index.ts';

/** Files that ship with the command line, and what all commands share. */
export interface CommandContext {
  /** Script of the inference process. */
  readonly hostScript: string;
  /** Script of the process that probes GPUs. */
  readonly probeScript: string;
  /** Version of AssetLens. */
  readonly version: string;
  readonly bundled: BundledModel;
  /** The default labels. */
  readonly labelsFile: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}
