import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readEarlierEvaluation } from '../../../../tools/evaluate/earlierEvaluation.ts';
import type { Evaluation } from '../../../../tools/evaluate/evaluation.ts';
import { reportTables } from '../../../../tools/evaluate/report.ts';
import type { SetAccuracy } from '../../../../tools/evaluate/zeroShot.ts';
import { fillTables } from '../../../../tools/shared/modelCard.ts';

const chance = { top1: 1, top5: 5 };
const setOf = (set: string, top5: number): SetAccuracy => {
  const accuracy = { top1: top5 / 2, top5 };
  return { set, pictures: 100, names: 100, chance, accuracy, byPrompting: { bare: accuracy, sprite: accuracy } };
};
const recall = { queries: 10, clip: 50, fileNames: 20, chance: 1 };
const recalls = { name: recall, tag: recall, 'tag, new words': recall, synonym: recall, 'synonym, new words': recall };
const levels = (['maybe', 'shown', 'confident'] as const).map((level) => ({
  ...{ level, tags: 10, wrong: 20, withWrong: 30, withRight: 35, without: 40 },
}));

/** An evaluation with all figures. @param top5 of the style "bi", as the style "tango" has always 60 */
const evaluationOf = (top5: number): Evaluation => ({
  model: 'model',
  zeroShot: [setOf('bi', top5), setOf('tango', 60)],
  tileSets: [setOf('cdda-retrodays', 30)],
  photos: {
    ...{ photos: 500, names: 997, zeroShot: { top1: 60, top5: 70 }, asTags: { top1: 61, top5: 71 } },
    common: { words: 47, map: 70, chance: 2.4 },
  },
  retrieval: ['bi', 'tango'].map((set) => ({ set, map: 40, byKind: recalls })),
  colours: { colour: 90, both: 80, queries: 60 },
  fewShot: [
    { task: 'bi', classes: 4, chance: 25, zeroShot: 50, probe: [1, 2, 3, 4, 5], probeWithNames: [1, 2, 3, 4, 5] },
  ],
  kinds: [{ kind: 'photo', pictures: 500, trained: false, recall: 80, centred: 85, shipped: 70 }],
  unseen: [{ set: 'bi', pictures: 2, names: ['galley'], chance, top1: 0, top5: 50 }],
  confidences: {
    labels: [{ label: 'animal', pictures: 10, share: 5, correctOf20: 10, averagePrecision: 60 }],
    thresholds: [{ threshold: 0.5, precision: 70, recall: 20 }],
    reliability: [{ from: 50, pairs: 10, confidence: 55, true: 50 }],
    errors: [{ group: 'photos', pairs: 100, error: 0.5, shownPairs: 0, shownError: NaN }],
  },
  tags: [{ group: 'photos', pictures: 500, levels }],
  speed: { drawings: 200, photos: 100, text: 5 },
});

describe('The report', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'assetlens-report-'));
  });
  after(() => rm(folder, { recursive: true }));

  const earlierOf = async (evaluation: unknown) => {
    const file = path.join(folder, 'evaluation.json');
    await writeFile(file, JSON.stringify(evaluation));
    return readEarlierEvaluation(file);
  };

  it('has a cell for each column, with and without an earlier model', async () => {
    for (const earlier of [null, await earlierOf(evaluationOf(50))]) {
      for (const { title, head, rows } of reportTables(evaluationOf(50), earlier)) {
        for (const row of rows) assert.equal(row.length, head.length, `${title}: ${row.join(' | ')}`);
      }
    }
  });

  it('fills the card of the bundled model', async () => {
    const card = await readFile(path.join(import.meta.dirname, '../../../../models/assetlens-icons/README.md'), 'utf8');
    const tables = reportTables(evaluationOf(50), await earlierOf(evaluationOf(40)));
    assert.match(fillTables(card, tables, 'table'), /\| photos: common words, mAP \| 70\.0 \| 70\.0 \|/);
  });

  it('shows the figures of the earlier model beside those of this one', async () => {
    const tables = reportTables(evaluationOf(50), await earlierOf(evaluationOf(40)));
    const rowsOf = (title: string) => tables.find((table) => table.title === title)?.rows ?? [];
    assert.deepEqual(rowsOf('styles').at(-1), [
      'mean of the styles',
      '1.00 / 5.00',
      '25.0 / 50.0',
      '27.5 / 55.0',
      '40.0',
      '40.0',
    ]);
    assert.deepEqual(rowsOf('photos').at(-1), ['searches for 47 common words (mAP)', '2.4', '70.0', '70.0']);
    assert.deepEqual(rowsOf('calibration')[0]?.slice(-3), [0, '–', '–']);
  });

  it('names the styles that are worse than with the earlier model', async () => {
    const worse = async (before: number) =>
      reportTables(evaluationOf(50), await earlierOf(evaluationOf(before)))[0]?.rows[1]?.at(-1);
    assert.equal(await worse(52), 'none');
    assert.equal(await worse(53), 'bi');
  });

  it('does without the figures that an earlier evaluation lacks', async () => {
    const { zeroShot } = evaluationOf(40);
    const tables = reportTables(evaluationOf(50), await earlierOf({ zeroShot }));
    const summary = tables[0]?.rows.find(([title]) => title === 'photos: common words, mAP');
    assert.deepEqual(summary, ['photos: common words, mAP', '–', '70.0']);
  });

  it('refuses a file that is not an evaluation', async () => {
    await assert.rejects(earlierOf({ figures: [] }), /is not an evaluation .*--json <file>" writes one/s);
  });
});
