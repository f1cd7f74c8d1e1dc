import { VIT_B32, WEIGHT_DEVIATION, type VisionShape } from '../shared/randomCheckpoint.ts';
import type { CorpusSize } from './corpus.ts';
import type { MatrixSizes } from './matrixSection.ts';

/** A vision transformer with random weights. */
export interface RandomVit {
  readonly title: string;
  /** The name of its folder. */
  readonly name: string;
  readonly vision: VisionShape;
  /**
   * The standard deviation of the weights. Narrow layers need a larger one for embeddings that differ between images.
   */
  readonly deviation: number;
}

/** The amount of work in each section. */
export interface BenchSize {
  readonly rounds: number;
  readonly indexRounds: number;
  readonly corpus: CorpusSize;
  readonly vit: RandomVit;
  readonly photoFiles: number;
  readonly iconFiles: number;
  readonly mixedFiles: number;
  readonly matrix: MatrixSizes;
}

export const FULL: BenchSize = {
  rounds: 5,
  indexRounds: 3,
  // About a thousand images, together with the 500 of the sample workspace.
  corpus: { name: 'corpus', photos: 150, pngIcons: 350 },
  vit: { title: 'ViT-B/32', name: 'vit-b-32', vision: VIT_B32, deviation: WEIGHT_DEVIATION },
  photoFiles: 48,
  iconFiles: 320,
  mixedFiles: 320,
  matrix: {
    matrices: [
      { rows: 100_000, milliseconds: 10 },
      { rows: 1_000_000, milliseconds: 80 },
    ],
    labels: 1000,
    loopRows: 100_000,
    loopTaggedRows: 1000,
  },
};

export const QUICK: BenchSize = {
  rounds: 1,
  indexRounds: 1,
  corpus: { name: 'corpus-quick', photos: 6, pngIcons: 8 },
  vit: {
    title: 'small ViT',
    name: 'vit-small',
    vision: { ...VIT_B32, width: 128, layers: 2, heads: 2, mlpWidth: 512, embeddingSize: 64 },
    deviation: 0.15,
  },
  photoFiles: 6,
  iconFiles: 24,
  mixedFiles: 24,
  matrix: {
    matrices: [
      { rows: 10_000, milliseconds: 1 },
      { rows: 20_000, milliseconds: 2 },
    ],
    labels: 100,
    loopRows: 10_000,
    loopTaggedRows: 100,
  },
};
