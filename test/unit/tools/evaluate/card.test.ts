import assert from 'node:assert/strict';
import { fillPlaces } from '../../../../tools/evaluate/card.ts';

const table = { title: 'styles', head: ['style', 'top-1'], rows: [['bi', 39.5]] };

describe('the model card', () => {
  it('takes a table in its place, instead of the one before, and keeps the rest', () => {
    const card = 'Before.\n\n<!-- table: styles -->\n| old |\n<!-- end -->\n\nAfter.\n';
    const filled =
      'Before.\n\n<!-- table: styles -->\n| style | top-1 |\n|---|---|\n| bi | 39.5 |\n<!-- end -->\n\nAfter.\n';
    assert.equal(fillPlaces(card, [table]), filled);
    assert.equal(fillPlaces(filled, [table]), filled);
  });

  it('leaves the places of another evaluation alone', () => {
    const card = '<!-- heatmaps: styles -->\n| kept |\n<!-- end -->\n\n<!-- table: styles -->\n<!-- end -->\n';
    assert.match(fillPlaces(card, [table]), /^<!-- heatmaps: styles -->\n\| kept \|\n<!-- end -->\n/);
    assert.match(
      fillPlaces(card, [table], 'heatmaps'),
      /^<!-- heatmaps: styles -->\n\| style[^]*<!-- table: styles -->\n<!-- end -->/,
    );
  });

  it('refuses to keep figures that nothing measured', () => {
    assert.throws(() => fillPlaces('<!-- table: few-shot -->\n<!-- end -->\n', []), /"few-shot"/);
  });

  it('refuses to leave a table out', () => {
    assert.throws(() => fillPlaces('No place here.', [table]), /no place for the table "styles"/);
  });
});
