import assert from 'node:assert/strict';
import { gridActionOf } from '../../../../../src/webview/page/grid/gridKeys.ts';

const press = (key: string, modifiers: Partial<Parameters<typeof gridActionOf>[0]> = {}) =>
  gridActionOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, repeat: false, ...modifiers });

describe('the keys of the grid', () => {
  it('move the focus, and Shift extends the selection', () => {
    assert.deepEqual(press('ArrowDown'), { kind: 'move', move: 'down', extend: false, keep: false });
    assert.deepEqual(press('Home'), { kind: 'move', move: 'rowStart', extend: false, keep: false });
    assert.deepEqual(press('Home', { ctrlKey: true }), { kind: 'move', move: 'first', extend: false, keep: true });
    assert.deepEqual(press('End', { metaKey: true }), { kind: 'move', move: 'last', extend: false, keep: true });
    assert.deepEqual(press('PageUp', { shiftKey: true }), { kind: 'move', move: 'pageUp', extend: true, keep: false });
  });

  it('select, open and remove', () => {
    assert.deepEqual(press(' '), { kind: 'toggle' });
    assert.deepEqual(press(' ', { shiftKey: true }), { kind: 'extend' });
    assert.deepEqual(press('A', { ctrlKey: true }), { kind: 'selectAll' });
    assert.deepEqual(press('Escape'), { kind: 'selectNone' });
    assert.deepEqual(press('Enter'), { kind: 'open' });
    assert.deepEqual(press('Delete'), { kind: 'remove' });
    assert.deepEqual(press('Backspace', { metaKey: true }), { kind: 'remove' });
  });

  it('leave other keys to the page', () => {
    assert.equal(press('a'), undefined);
    assert.equal(press('Backspace'), undefined);
    assert.equal(press('ArrowDown', { altKey: true }), undefined);
    assert.equal(press('Delete', { repeat: true }), undefined, 'a held key must not remove one label after another');
  });
});
