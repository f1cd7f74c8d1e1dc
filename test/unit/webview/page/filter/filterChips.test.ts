import assert from 'node:assert/strict';
import { chipsOf, countFilters } from '../../../../../src/webview/page/filter/filterChips.ts';
import { everything, type Arrangement } from '../../../../../src/webview/protocol.ts';

const cat = { set: 'animals', label: 'cat' };
const dog = { set: 'animals', label: 'dog' };

describe('The chips of filters', () => {
  it('do not exist without filters, whatever the query, the group and the order', () => {
    assert.deepEqual(chipsOf({ ...everything, query: 'red', group: 'label', order: 'name', names: false }), []);
  });

  it('name each filter, and each value of a list', () => {
    const arrangement: Arrangement = {
      ...everything,
      labels: [cat, dog],
      tagging: 'maybe',
      score: { least: 0.3, most: 0.9 },
      formats: ['png', 'svg'],
      size: 'icon',
      colours: ['red', 'blue'],
      folder: 'file:///home/me/web\nassets/icons',
    };
    assert.deepEqual(
      chipsOf(arrangement).map(({ text }) => text),
      ['Maybe', 'cat', 'dog', '30 to 90 %', 'png', 'svg', 'Up to 64 pixels', 'Red', 'Blue', 'assets/icons'],
    );
    const whole = { ...everything, folder: 'file:///home/me/my%20web\n' };
    assert.deepEqual(
      chipsOf(whole).map(({ text }) => text),
      ['my web'],
    );
    const none: Arrangement = { ...everything, labels: [cat], labelMode: 'none' };
    assert.deepEqual(
      chipsOf(none).map(({ text }) => text),
      ['not cat'],
    );
  });

  it('remove their own filter only; without any chip there is no filter', () => {
    let arrangement: Arrangement = {
      ...everything,
      labels: [cat, dog],
      labelMode: 'none',
      formats: ['png', 'svg'],
      folder: 'file:///a\nb',
    };
    const [first] = chipsOf(arrangement);
    assert.deepEqual(first?.without, { labels: [dog] });
    for (let left = chipsOf(arrangement).length; left > 0; left--) {
      const chips = chipsOf(arrangement);
      assert.equal(chips.length, left);
      arrangement = { ...arrangement, ...chips[0]?.without };
    }
    assert.deepEqual(arrangement, everything);
    assert.equal(countFilters(arrangement), 0);
  });
});
