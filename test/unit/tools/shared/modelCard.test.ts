import assert from 'node:assert/strict';
import { fillTables } from '../../../../tools/shared/modelCard.ts';

const table = { title: 'styles', head: ['style', 'top-1'], rows: [['bi', 39.5]] };

describe('the model card', () => {
  it('replaces the table in a section and keeps the rest', () => {
    const card = 'Before.\n\n<!-- table: styles -->\n| old |\n<!-- end -->\n\nAfter.\n';
    const filled =
      'Before.\n\n<!-- table: styles -->\n| style | top-1 |\n|---|---|\n| bi | 39.5 |\n<!-- end -->\n\nAfter.\n';
    assert.equal(fillTables(card, [table], 'table'), filled);
    assert.equal(fillTables(filled, [table], 'table'), filled);
  });

  it('does not change the sections of another evaluation', () => {
    const card = '<!-- heatmaps: styles -->\n| kept |\n<!-- end -->\n\n<!-- table: styles -->\n<!-- end -->\n';
    assert.match(fillTables(card, [table], 'table'), /^<!-- heatmaps: styles -->\n\| kept \|\n<!-- end -->\n/);
    assert.match(
      fillTables(card, [table], 'heatmaps'),
      /^<!-- heatmaps: styles -->\n\| style[^]*<!-- table: styles -->\n<!-- end -->/,
    );
  });

  it('refuses a section without a new table, whose figures would be out of date', () => {
    assert.throws(() => fillTables('<!-- table: few-shot -->\n<!-- end -->\n', [], 'table'), /"few-shot"/);
  });

  it('refuses a table without a section', () => {
    assert.throws(() => fillTables('No section here.', [table], 'table'), /no section for the table "styles"/);
  });
});
