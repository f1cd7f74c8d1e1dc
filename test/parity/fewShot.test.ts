import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { probeLoss, trainLinearProbe } from '../../src/clip/scoring/fewShot.ts';
import { predict } from '../unit/clip/scoring/predict.ts';

/** The fixture that test/parity/references/fewShot.py writes. */
interface Case {
  readonly name: string;
  readonly columns: number;
  readonly classes: number;
  readonly l2: number;
  readonly embeddings: number[];
  readonly labels: number[];
  readonly queries: number[];
  readonly loss: number;
  readonly predictions: number[];
  readonly probabilities: number[];
}

const file = new URL('fixtures/fewShot.json', import.meta.url);
const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[];

describe('the linear probe', () => {
  for (const { name, columns, classes, l2, ...reference } of cases) {
    it(`agrees with scikit-learn: ${name}`, () => {
      const embeddings = Float32Array.from(reference.embeddings);
      const examples = { embeddings, columns, labels: Uint32Array.from(reference.labels), classes };
      const probe = trainLinearProbe(examples, { l2 });

      const parameters = Float64Array.from([...probe.weights, ...probe.bias]);
      const zero = new Float64Array(parameters.length);
      const loss = probeLoss(examples, l2, zero, parameters, zero.slice());
      assert.ok(Math.abs(loss - reference.loss) < 1e-4, `${loss} instead of ${reference.loss}`);

      const queries = Float32Array.from(reference.queries);
      reference.predictions.forEach((predicted, i) => {
        const p = predict(probe, queries.subarray(i * columns, (i + 1) * columns));
        assert.equal(p.indexOf(Math.max(...p)), predicted);
        const expected = reference.probabilities.slice(i * classes, (i + 1) * classes);
        p.forEach((value, c) => {
          assert.ok(Math.abs(value - (expected[c] ?? NaN)) < 2e-3);
        });
      });
    });
  }
});
