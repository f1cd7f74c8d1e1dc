import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  centredText,
  confidenceOf,
  confidenceScores,
  logitOf,
  ownDistribution,
  readCalibration,
  type Calibration,
} from '../../../../src/clip/scoring/calibration.ts';
import { queryDirection, queryScores } from '../../../../src/clip/scoring/query.ts';
import { rankingLogit } from '../../../../src/clip/scoring/types.ts';
import type { ModelFolder } from '../../../../src/clip/base/manifest.ts';
import { dot } from '../../../../src/clip/base/vectors.ts';

const calibration: Calibration = {
  sigmoid: null,
  slope: 2,
  intercept: -3,
  textMean: Float32Array.of(0.5, 0, 0),
  reference: { mean: Float32Array.of(0, 0, 0), covariance: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) },
  kinds: null,
};
const near = (a: number | undefined, b: number): void => {
  assert.ok(Math.abs((a ?? NaN) - b) < 1e-5, `${a ?? 'nothing'} is not ${b}`);
};

describe('the confidence', () => {
  it("is a logistic function of an image's standard score in the distribution of the label", () => {
    const distribution = {
      mean: Float32Array.of(0, 0.2, 0),
      covariance: Float32Array.of(1, 0, 0, 0, 0.04, 0, 0, 0, 1),
    };
    const { weights, bias } = confidenceScores([Float32Array.of(0, 2, 0)], distribution, calibration);
    // The similarities of this label have mean 0.4 and standard deviation 0.4; an image at 1.0 is 1.5 deviations above
    // the mean.
    near(dot(Float32Array.of(0, 0.5, 0), weights) + (bias[0] ?? NaN), 2 * 1.5 - 3);
    near(confidenceOf(0), 0.5);
  });

  describe('of a model whose embeddings end with the kind of the image', () => {
    // The last two values are the probabilities of two kinds, times 0.5. The second text direction names the second
    // kind.
    const covariance = new Float32Array(16);
    for (let i = 0; i < 4; i++) covariance[5 * i] = 1;
    const distribution = { mean: new Float32Array(4), covariance };
    const kinds = { count: 2, named: Float32Array.of(0.4, 0, 0, 1), from: 0.5, to: 1, scale: 0.5 };
    const logitFor = (direction: Float32Array, ...image: number[]): number => {
      const { weights, bias } = confidenceScores([direction], distribution, { ...calibration, kinds });
      return dot(Float32Array.from(image), weights) + (bias[0] ?? NaN);
    };

    it('does not depend on the kind for a label that names none', () => {
      const label = Float32Array.of(3, 0, 0, 0);
      near(logitFor(label, 0.6, 0, 0.5, 0), 2 * 0.6 - 3);
      near(logitFor(label, 0.6, 0, 0, 0.5), 2 * 0.6 - 3);
    });

    it('is that of the kind for a label that names one', () => {
      const label = Float32Array.of(0, 3, 0, 0);
      near(logitFor(label, 0, 0.9, 0, 0.5), 1);
      near(logitFor(label, 0, 0.9, 0.5, 0), -5);
      near(logitFor(label, 0, 0.9, 0.25, 0.25), -2);
    });

    it('is between both for a label that names a kind in part', () => {
      const label = Float32Array.of(0.6, 0.8, 0, 0); // its product with the second row is 0.8
      const part = (0.8 - 0.5) / 0.5;
      near(logitFor(label, 1, 0, 0, 0.5), (1 - part) * (2 * 0.6 - 3) + part * 1);
    });

    it('of an image as a query does not name a kind', () => {
      const image = Float32Array.of(0, 0.8, 0, 0.6);
      near(logitFor(image, 0, 1, 0, 0), 2 * 0.8 - 3);
    });
  });

  it('does not depend on other labels', () => {
    const a = Float32Array.of(0.1, 0.9, 0);
    const b = Float32Array.of(0, 0.1, 0.8);
    const reference = { mean: Float32Array.of(0, 0.1, 0), covariance: Float32Array.of(1, 0, 0, 0, 2, 0, 0, 0, 1) };
    const alone = confidenceScores([a], reference, calibration);
    const together = confidenceScores([b, a], reference, calibration);
    assert.deepEqual([...alone.weights], [...together.weights.subarray(3)]);
    assert.equal(alone.bias[0], together.bias[1]);
  });

  it('and its logit are inverse functions', () => {
    for (const p of [0.01, 0.5, 0.93]) near(confidenceOf(logitOf(p)), p);
    assert.equal(logitOf(0), -Infinity);
    assert.equal(logitOf(1), Infinity);
  });

  it("uses the user's images without a reference sample, and stays low with only a few images", () => {
    const own = (count: number) =>
      ownDistribution({
        count,
        mean: Float32Array.of(1, 2, 3),
        covariance: Float32Array.of(4, 1, 0, 1, 4, 0, 0, 0, 4),
      });
    assert.deepEqual([...own(5).mean], [1, 2, 3]);
    near(own(0).covariance[0], 1 / 3);
    near(own(10).covariance[0], 2 + 1 / 6);
    near(own(10).covariance[1], 0.5);
    near(own(1e8).covariance[0], 4);
  });
});

describe('the direction of a query', () => {
  it('centres each term by its modality before the sum', () => {
    const distribution = { mean: Float32Array.of(0, 0, 0.5), covariance: new Float32Array(9) };
    const direction = queryDirection(
      [
        { modality: 'text', embedding: Float32Array.of(0.5, 1, 0), weight: 1 },
        { modality: 'image', embedding: Float32Array.of(2, 0, 0.5), weight: -0.5 },
      ],
      distribution,
      calibration,
    );
    assert.deepEqual([...direction], [-0.5, 1, 0]);
  });

  it('points away from negative terms if there is no other term', () => {
    const reference = { mean: new Float32Array(3), covariance: new Float32Array(9) };
    const neutral = { ...calibration, textMean: new Float32Array(3) };
    const cat = { modality: 'text' as const, embedding: Float32Array.of(0.8, 0.6, 0), weight: -2 };
    [-1.6, -1.2, 0].forEach((value, i) => {
      near(queryDirection([cat], reference, neutral)[i], value);
    });
  });

  it('of a label keeps its length after centring', () => {
    assert.deepEqual([...centredText(Float32Array.of(0.5, 0.25, 0), calibration)], [0, 0.25, 0]);
  });
});

describe('a query with a negative term', () => {
  const reference = { mean: new Float32Array(3), covariance: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) };
  const neutral = { ...calibration, textMean: new Float32Array(3) };
  const term = (embedding: Float32Array, weight: number) => ({ modality: 'text' as const, embedding, weight });
  const fruit = term(Float32Array.of(1, 0, 0), 1);
  const apple = Float32Array.of(0.6, 0.8, 0);
  const logitOf = (image: Float32Array, ...terms: Parameters<typeof queryScores>[0]): number => {
    const { scores } = queryScores(terms, reference, neutral);
    const logits = scores.bias.map((bias, l) => dot(image, scores.weights.subarray(3 * l, 3 * l + 3)) + bias);
    return rankingLogit(logits, scores.exclusions ?? new Float32Array());
  };
  const orangePicture = Float32Array.of(4, -3, 0);
  const applePicture = Float32Array.of(4, 4, 0);

  it('lowers the images that the term names, and hardly those that only resemble it', () => {
    const lost = (image: Float32Array) => logitOf(image, fruit) - logitOf(image, fruit, term(apple, -1));
    assert.ok(lost(orangePicture) < 0.3, String(lost(orangePicture)));
    assert.ok(lost(applePicture) > 10, String(lost(applePicture)));
  });

  it('lowers them more with a higher weight', () => {
    const lost = (weight: number) => logitOf(applePicture, fruit) - logitOf(applePicture, fruit, term(apple, -weight));
    near(lost(2), 2 * lost(1));
    near(lost(0.5), lost(1) / 2);
  });

  it('keeps its score finite where the term certainly applies', () => {
    near(rankingLogit([3, 800], Float32Array.of(2)), 3 - 1600);
  });
});

describe('a model trained with a sigmoid loss', () => {
  const reference = {
    mean: Float32Array.of(0.1, 0, 0),
    covariance: Float32Array.of(0.04, 0, 0, 0, 0.01, 0, 0, 0, 1),
  };
  const own: Calibration = { ...calibration, textMean: new Float32Array(3), sigmoid: { scale: 10, bias: -4 } };
  const cat = Float32Array.of(1, 0, 0);
  const dog = Float32Array.of(0, 1, 0);
  const text = (embedding: Float32Array, weight: number) => ({ modality: 'text' as const, embedding, weight });
  const logitOfImage = (scores: { weights: Float32Array; bias: Float32Array }, image: Float32Array): number =>
    dot(image, scores.weights) + (scores.bias[0] ?? NaN);
  const image = Float32Array.of(0.5, 0.7, 0);

  it('gives labels the probabilities of its sigmoid, whatever the other images', async () => {
    const manifest = { calibration: null, embeddingSize: 3, logitScale: 10, logitBias: -4 } as ModelFolder['manifest'];
    const read = await readCalibration({ folder: '', manifest });
    assert.deepEqual(read.sigmoid, own.sigmoid);
    near(logitOfImage(confidenceScores([centredText(cat, read)], reference, read), image), 10 * 0.5 - 4);
  });

  it('gives no probabilities without a bias', async () => {
    const manifest = { calibration: null, embeddingSize: 3, logitScale: 10 } as ModelFolder['manifest'];
    assert.equal((await readCalibration({ folder: '', manifest })).sigmoid, null);
  });

  it('scores one text by its probability, several texts by their mean, and a negative text alone by the complement', () => {
    const logit = (...terms: Parameters<typeof queryScores>[0]): number =>
      logitOfImage(queryScores(terms, reference, own).scores, image);
    near(logit(text(cat, 1)), 10 * 0.5 - 4);
    near(logit(text(cat, 3)), 10 * 0.5 - 4);
    near(logit(text(cat, 1), text(dog, 1)), 10 * 0.6 - 4);
    near(logit(text(cat, -1)), -(10 * 0.5 - 4));
  });

  it('converts a score to a standard score', () => {
    const { scores, deviationOf } = queryScores([text(cat, 1)], reference, own);
    near(deviationOf(logitOfImage(scores, image)), (0.5 - 0.1) / 0.2);
  });

  it('compares queries with an image with the distribution of similarities', () => {
    const terms = [{ modality: 'image' as const, embedding: Float32Array.of(0.1, 1, 0), weight: 1 }];
    const { scores, deviationOf } = queryScores(terms, reference, own);
    near(logitOfImage(scores, image), 2 * (0.7 / 0.1) - 3);
    near(deviationOf(logitOfImage(scores, image)), 7);
  });
});

describe('the calibration file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'assetlens-calibration-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const write = async (content: object): Promise<ModelFolder> => {
    await writeFile(path.join(folder, 'calibration.json'), JSON.stringify(content));
    const manifest = { calibration: 'calibration.json', embeddingSize: 2 } as ModelFolder['manifest'];
    return { folder, manifest };
  };
  const array = (shape: number[], ...values: number[]) => ({
    shape,
    float32: Buffer.from(Float32Array.from(values).buffer).toString('base64'),
  });
  const good = {
    a: 1.5,
    b: -2,
    textMean: array([2], 0.25, 0.5),
    imageMean: array([2], 1, 2),
    imageCovariance: array([2, 2], 1, 2, 3, 4),
  };

  it('is validated when it is read', async () => {
    const { slope, textMean, reference } = await readCalibration(await write(good));
    assert.equal(slope, 1.5);
    assert.deepEqual([...textMean], [0.25, 0.5]);
    assert.deepEqual([...(reference?.covariance ?? [])], [1, 2, 3, 4]);
  });

  it('is refused if its sizes differ from the model', async () => {
    await assert.rejects(
      readCalibration(await write({ ...good, imageMean: array([1], 1) })),
      /does not match the model/,
    );
  });

  it('is refused if a value is missing, with instructions', async () => {
    await assert.rejects(readCalibration(await write({ ...good, a: undefined })), /"a"[\s\S]*Convert or install/);
  });
});
