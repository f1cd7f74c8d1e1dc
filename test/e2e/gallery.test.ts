/**
 * Uses the gallery of the packaged VSIX in a real VS Code, with 500 images and a few unusual ones, by keyboard wherever
 * that is possible. `npm run gallery`; screenshots go to build/screenshots/gallery.
 */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Result } from 'axe-core';
import type { Frame, FrameLocator, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { readIconSet, svgOf } from '../../tools/shared/iconSets.ts';
import { runCommand, webviewFrame } from '../vscode/host/workbench.ts';
import { nameOf, startTour } from './tour.ts';

/** File names that the page must show as text. */
const HOSTILE = '<img src=x onerror=document.title=1>.svg';
const RIGHT_TO_LEFT = 'صورة القلب.svg';
const LONG = `${'a long name '.repeat(20).trim()}.svg`;
const COMPOSITE = 'composite.png';
const EXTRA = [HOSTILE, RIGHT_TO_LEFT, LONG, COMPOSITE];
const TOTAL = 500 + EXTRA.length;
/** Maximum number of tiles in the document: those in view, and some rows before and after them. */
const MAX_TILES = 120;

describe('the gallery', () => {
  /** Errors in the console of the page. */
  const consoleErrors: string[] = [];
  let isListening = true;
  const tour = startTour({
    name: 'gallery',
    prepare: addUnusualImages,
    onPage: watch,
  });
  const screenshot = (name: string): Promise<void> => tour().screenshot(name);

  function watch(page: Page): void {
    page.on('console', (message) => {
      const { url } = message.location();
      const isOurs = url === '' || /webview|assetlens/i.test(url);
      if (isListening && isOurs && message.type() === 'error') consoleErrors.push(`${message.text()} (${url})`);
    });
  }

  const gallery = (): FrameLocator => webviewFrame(tour().page);
  const tiles = (): Locator => gallery().locator('[role=gridcell]');
  const focusedTile = (): Locator => gallery().locator('[role=gridcell]:focus');
  const count = (): Locator => gallery().locator('assetlens-toolbar .count');
  const detail = (): Locator => gallery().locator('assetlens-detail');
  const press = (...keys: string[]): Promise<void> => forEachInTurn(keys, (key) => tour().page.keyboard.press(key));
  const labelOf = (tile: Locator): Promise<string> => tile.getAttribute('aria-label').then((label) => label ?? '');
  const positionOf = async (tile: Locator): Promise<number> => Number(await tile.getAttribute('data-position'));
  const selected = (): Promise<number[]> =>
    gallery()
      .locator('[role=gridcell][aria-selected=true]')
      .evaluateAll((all) => all.map((cell) => Number((cell as HTMLElement).dataset['position'])));
  /** Waits until a value of the page satisfies a condition. The error has the last value. */
  const until = async <T>(what: string, read: () => Promise<T>, condition: (value: T) => boolean): Promise<T> => {
    for (let attempt = 0; ; attempt++) {
      const value = await read();
      if (condition(value)) return value;
      assert.ok(attempt < 300, `${what}: it is ${JSON.stringify(value)}`);
      await tour().page.waitForTimeout(100);
    }
  };
  const counted = (text: string | RegExp): Promise<string> =>
    until(
      `the count is ${text}`,
      async () => (await count().innerText()).trim(),
      (value) => (typeof text === 'string' ? value === text : text.test(value)),
    );
  /** Types into the search box. */
  const search = async (words: string): Promise<void> => {
    const box = gallery().locator('#search input');
    await box.fill('');
    await box.pressSequentially(words, { delay: 15 });
  };
  const firstNames = async (most: number): Promise<string[]> =>
    (await tiles().evaluateAll((all) => all.map((cell) => cell.getAttribute('aria-label') ?? '')))
      .slice(0, most)
      .map((label) => nameOf(tour().sample, label));
  const choose = async (select: string, option: string): Promise<void> => {
    await gallery().locator(select).click();
    await gallery().locator(`${select} [role=option]`, { hasText: option }).click();
  };

  it('explains what to do if there are no images, and shows them when they are indexed', async () => {
    const { page } = tour();
    await runCommand(page, 'AssetLens: Open Gallery');
    await gallery().locator('.empty', { hasText: 'No image of this workspace is indexed yet.' }).waitFor();
    await screenshot('empty');
    await gallery().locator('#tag-workspace').click();
    await counted(/images/);
    // Two of the icons are copies. The tests below count all images.
    await gallery().locator('#filters').click();
    await gallery().locator('assetlens-filters vscode-checkbox[label="Stack Copies and Sizes"]').click();
    await gallery().locator('#filters').click();
    await counted(`${TOTAL} images`);
  });

  it('shows pictures in its tiles, with labels', async () => {
    const pictures = gallery().locator('[role=gridcell] img');
    await pictures.nth(12).waitFor();
    await until(
      'they are drawn',
      () => pictures.evaluateAll((all) => all.every((image) => (image as HTMLImageElement).naturalWidth > 0)),
      Boolean,
    );
    assert.match(await labelOf(tiles().first()), /^.+\.\w+, .*\d+ %, [\w/]+$/);
    await screenshot('tiles');
  });

  it('has one tab stop, and arrow keys move the focus', async () => {
    const { page } = tour();
    const columns = Number(await gallery().locator('[role=grid]').getAttribute('aria-colcount'));
    assert.ok(columns > 2);
    await gallery().locator('#search input').focus();
    for (let stop = 0; stop < 12 && (await focusedTile().count()) === 0; stop++) await press('Tab');
    assert.equal(await positionOf(focusedTile()), 0);
    const movesTo = async (key: string, position: number): Promise<void> => {
      await press(key);
      await until(
        `${key} moves the focus`,
        () => positionOf(focusedTile()),
        (focused) => focused === position,
      );
      const box = await focusedTile().boundingBox();
      const view = await gallery().locator('[role=grid]').boundingBox();
      assert.ok(
        box && view && box.y >= view.y - 1 && box.y + box.height <= view.y + view.height + 1,
        'the focus is not in view',
      );
    };
    await movesTo('ArrowRight', 1);
    await movesTo('ArrowDown', 1 + columns);
    await movesTo('ArrowLeft', columns);
    await movesTo('End', 2 * columns - 1);
    await movesTo('Home', columns);
    await movesTo('ArrowUp', 0);
    await movesTo('Control+End', TOTAL - 1);
    await movesTo('Control+Home', 0);
    const outline = await focusedTile().evaluate((cell) => getComputedStyle(cell).outlineWidth);
    assert.equal(outline, '2px', 'the focus is not visible');
    await press('Shift+Tab');
    assert.equal(await focusedTile().count(), 0);
    await press('Tab');
    assert.equal(await positionOf(focusedTile()), 0);
    await page.waitForTimeout(0);
  });

  it('has only the tiles in view in the document', async () => {
    assert.ok((await tiles().count()) < MAX_TILES);
    await press('Control+End');
    await gallery()
      .locator(`[data-position="${TOTAL - 1}"] img`)
      .waitFor();
    const tileCount = await tiles().count();
    assert.ok(tileCount < MAX_TILES, `${tileCount} tiles`);
    const rowCount = Number(await gallery().locator('[role=grid]').getAttribute('aria-rowcount'));
    assert.ok(rowCount > 40);
    const last = gallery().locator('[role=row]', { has: focusedTile() });
    assert.equal(Number(await last.getAttribute('aria-rowindex')), rowCount);
    await press('Control+Home');
    await gallery().locator('[data-position="0"] img').waitFor();
    assert.ok((await tiles().count()) < MAX_TILES);
  });

  it('selects with Shift, Space and Ctrl+A, and shows how many are selected', async () => {
    await press('ArrowRight', 'ArrowLeft');
    assert.deepEqual(await selected(), [0]);
    await press('Shift+ArrowRight', 'Shift+ArrowRight');
    assert.deepEqual(await selected(), [0, 1, 2]);
    await press('Shift+ArrowLeft');
    assert.deepEqual(await selected(), [0, 1]);
    await press('Control+ArrowRight', 'Control+ArrowRight', ' ');
    assert.deepEqual(await selected(), [0, 1, 3]);
    await press(' ');
    assert.deepEqual(await selected(), [0, 1]);
    await press('Control+a');
    await counted(`${TOTAL} images, ${TOTAL} selected`);
    await press('Escape');
    await counted(`${TOTAL} images`);
    assert.deepEqual(await selected(), []);
  });

  it('filters by label and by type', async () => {
    await gallery().locator('#filters').click();
    const box = (label: string): Locator => gallery().locator(`assetlens-filters vscode-checkbox[label*="${label} ("]`);
    const numberIn = async (label: string): Promise<number> =>
      Number(/\((\d+)\)/.exec((await box(label).getAttribute('label')) ?? '')?.[1]);
    await box(': face').waitFor();
    const [faces, arrows, vectors] = [await numberIn(': face'), await numberIn(': arrow'), await numberIn('svg')];
    assert.ok(faces > 1 && arrows > 1 && vectors > 100, `${faces} faces, ${arrows} arrows, ${vectors} SVG`);
    await screenshot('filters');
    await box(': face').click();
    await counted(`${faces} of ${TOTAL} images`);
    assert.match(await labelOf(tiles().first()), /face/);
    await box(': arrow').click();
    const both = await counted(/^\d+ of/);
    await until(
      'both',
      async () => Number.parseInt(await count().innerText()),
      (n) => n > Math.max(faces, arrows) && n <= faces + arrows,
    );
    assert.ok(both);
    await box(': arrow').click();
    await counted(`${faces} of ${TOTAL} images`);
    await box('png').click();
    await until(
      'fewer',
      async () => Number.parseInt(await count().innerText()),
      (n) => n < faces,
    );
    for (const label of await tiles().evaluateAll((all) => all.map((cell) => cell.getAttribute('aria-label'))))
      assert.match(label ?? '', /\.png, /);
    const chips = gallery().locator('assetlens-toolbar .chip');
    assert.equal(await chips.count(), 2);
    await screenshot('chips');
    await chips.filter({ hasText: 'png' }).locator('button').click();
    await counted(`${faces} of ${TOTAL} images`);
    await gallery().locator('assetlens-filters #reset').click();
    await counted(`${TOTAL} images`);
    assert.equal(await chips.count(), 0);
    await gallery().locator('#filters').click();
  });

  it('searches by the content of images, likely results first', async () => {
    await search('sad face');
    await gallery().locator('[role=rowheader]', { hasText: 'Likely' }).first().waitFor();
    await counted(/^\d+ of/);
    await screenshot('search');
    const names = await firstNames(8);
    const faces = names.filter((name) => /face|angry|eyes|sad|cry/.test(name));
    assert.ok(faces.length > names.length / 2, `found: ${names.join(', ')}`);
    assert.match(await labelOf(tiles().first()), /match \d+ %|name/);
    await gallery().locator('#search input').press('ArrowDown');
    await until(
      'the focus is in the results',
      () => focusedTile().count(),
      (number) => number === 1,
    );
  });

  it('shows the results of the last query, however fast the user types', async () => {
    const wanted = await tiles().first().getAttribute('aria-label');
    const box = gallery().locator('#search input');
    for (const words of ['red car', 'arrow', 'a clock', 'flag of japan', 'sad face']) {
      await box.fill(words);
      await tour().page.waitForTimeout(230); // just longer than the delay of the search
    }
    await until(
      'the results are those of the last query',
      () => tiles().first().getAttribute('aria-label'),
      (label) => label === wanted,
    );
    await tour().page.waitForTimeout(1500); // late results would arrive in this time
    assert.equal(await tiles().first().getAttribute('aria-label'), wanted);
    assert.equal(await box.inputValue(), 'sad face');
    await box.fill('');
    await counted(`${TOTAL} images`);
  });

  it('explains an incomplete query and an empty result', async () => {
    await search('path:');
    await gallery().locator('.empty', { hasText: 'Add a path after "path:"' }).waitFor();
    await search('lock path:nowhere/');
    await gallery().locator('.empty', { hasText: 'No image matches the search and the filters.' }).waitFor();
    await gallery().locator('#show-all').click();
    await counted(`${TOTAL} images`);
    assert.equal(await gallery().locator('#search input').inputValue(), '');
  });

  it('opens an image in the detail pane, and arrow keys show the next one', async () => {
    await tiles().first().click();
    const first = await labelOf(focusedTile());
    await press('Enter');
    const title = detail().locator('h2');
    await until(
      'it is shown',
      () => title.innerText(),
      (text) => text !== '' && first.startsWith(text),
    );
    await detail().locator('assetlens-heatmap img').waitFor();
    await detail().locator('assetlens-labels li').nth(8).waitFor();
    await screenshot('detail');
    assert.equal(await positionOf(focusedTile()), 0);
    await press('ArrowRight');
    const second = await labelOf(focusedTile());
    await until(
      'the next one is shown',
      () => title.innerText(),
      (text) => text !== '' && second.startsWith(text),
    );
  });

  it('moves the border of the detail pane by keys and by mouse', async () => {
    const { page } = tour();
    const border = gallery().locator('[role=separator]');
    const value = async (): Promise<number> => Number(await border.getAttribute('aria-valuenow'));
    const width = async (): Promise<number> => (await detail().boundingBox())?.width ?? 0;
    const [initial, before] = [await value(), await width()];
    await press('Tab');
    assert.equal(await border.evaluate((element) => element.matches(':focus')), true);
    assert.equal(await border.getAttribute('aria-orientation'), 'vertical');
    for (const [key, to] of [
      ['ArrowLeft', initial - 2],
      ['ArrowRight', initial],
      ['Shift+ArrowLeft', initial - 10],
    ] as const) {
      await press(key);
      await until(`${key} moves it`, value, (at) => at === to);
    }
    await until('the pane is wider', width, (now) => now > before);
    await press('Home');
    await until('Home moves it', value, (at) => at === 10);
    await press('End');
    await until('End moves it', value, (at) => at === 90);
    await screenshot('border');
    const box = await border.boundingBox();
    const panes = await gallery().locator('assetlens-split').boundingBox();
    assert.ok(box && panes);
    await page.mouse.move(box.x + 2, box.y + 100);
    await page.mouse.down();
    await page.mouse.move(panes.x + panes.width * (initial / 100), box.y + 120, { steps: 4 });
    await page.mouse.up();
    await until('the mouse moves it', value, (at) => Math.abs(at - initial) <= 1);
    await press('Shift+Tab');
    assert.equal(await focusedTile().count(), 1);
  });

  it('corrects a tag with a digit key, and the same key removes the correction', async () => {
    const label = detail().locator('assetlens-labels li').nth(3);
    const before = await until(
      'it has a score',
      () => label.innerText(),
      (text) => /\d %/.test(text),
    );
    const name = (await label.locator('.name').innerText()).trim();
    await press('4');
    await until(
      'it is manual',
      () => label.innerText(),
      (text) => text.includes('manual') && text.includes(name),
    );
    // The image may have another position now.
    await gallery().locator(`[role=gridcell][aria-label*="${name} manual"]`).first().waitFor();
    await until(
      'it is announced',
      () => detail().locator('[role=status]').innerText(),
      (text) => text === `${name}: manual`,
    );
    await press('4');
    await until(
      'it is removed',
      () => label.innerText(),
      (text) => text === before,
    );
    assert.equal(await focusedTile().count(), 1, 'the focus is lost');
  });

  it('closes the detail pane with Escape, and the focus stays', async () => {
    const focused = await positionOf(focusedTile());
    await press('Escape', 'Escape');
    await detail().waitFor({ state: 'detached' });
    assert.equal(await positionOf(focusedTile()), focused);
    await press('ArrowRight');
    assert.equal(await positionOf(focusedTile()), focused + 1);
  });

  it('removes the label of a group from an image with Delete, and focuses the next image', async () => {
    await choose('#group', 'By label');
    const header = gallery().locator('[role=rowheader]').first();
    await header.waitFor();
    const groupSize = async (): Promise<number> => Number.parseInt(await header.locator('.count').innerText());
    const before = await groupSize();
    await tiles().first().click();
    const [removed, next] = [await labelOf(tiles().nth(0)), await labelOf(tiles().nth(1))];
    await until(
      'it has the focus',
      () => focusedTile().count(),
      (count) => count === 1,
    );
    await press('Delete');
    await until('it is removed', groupSize, (now) => now === before - 1);
    await until(
      'the next one has the focus',
      () => labelOf(focusedTile()),
      (label) => label === next,
    );
    // The detail pane shows the manual tag, and removes it.
    const [file = '', folder = ''] = [removed.split(', ')[0], removed.split(', ').at(-1)];
    await search(`image path:${folder}/${file}`);
    await counted(/^1 of/);
    await tiles().first().click();
    await press('Enter');
    const rejected = detail().locator('li.rejected');
    await rejected.waitFor();
    await rejected.locator('vscode-toolbar-button').nth(1).click();
    await rejected.waitFor({ state: 'detached' });
    await press('Escape', 'Escape');
    await gallery().locator('#search input').fill('');
    await counted(`${TOTAL} images`);
    await until('it is back', groupSize, (now) => now === before);
    await choose('#group', 'Not grouped');
    await until(
      'it is not grouped',
      () => gallery().locator('[role=rowheader]').count(),
      (n) => n === 0,
    );
  });

  it('has a menu with our commands, by mouse and by key, and regains the focus after it', async () => {
    const { page } = tour();
    const entries = page.locator('.monaco-menu .action-label');
    const isMenu = (texts: readonly string[]): boolean =>
      ['Open', 'Show Similarity Heatmap', 'Find Similar Images', 'Add Tag…', 'Copy as Markdown'].every((text) =>
        texts.includes(text),
      );
    await tiles().nth(1).click({ button: 'right' });
    await until('the menu is shown', () => entries.allInnerTexts(), isMenu);
    await screenshot('menu');
    await press('Escape');
    await until(
      'the focus is back',
      () => focusedTile().count(),
      (n) => n === 1,
    );
    await press('ArrowRight', 'Shift+F10');
    await until('the menu is shown', () => entries.allInnerTexts(), isMenu);
    await press('Escape');
    await until(
      'the focus is back',
      () => focusedTile().count(),
      (n) => n === 1,
    );
    assert.equal(await positionOf(focusedTile()), 2);
  });

  it('shows names and labels as text, whatever they contain', async () => {
    const { page } = tour();
    const label = `<b onclick=alert(1)>${'long '.repeat(10)}</b>`;
    await search('image path:odd/');
    await counted(`${EXTRA.length} of ${TOTAL} images`);
    for (const name of [HOSTILE, RIGHT_TO_LEFT, LONG]) {
      const tile = gallery().locator(`[role=gridcell]`, { hasText: name });
      await tile.waitFor();
      const box = await tile.boundingBox();
      assert.ok(box && box.width < 400 && box.height < 400, `${name} fills ${box?.width} × ${box?.height}`);
    }
    await gallery().locator('[role=gridcell]', { hasText: HOSTILE }).click();
    await press('t');
    await page.locator('.quick-input-widget:visible input.input').fill(label);
    await page.locator('.quick-input-widget .monaco-list-row').first().waitFor();
    await page.keyboard.press('Enter');
    await until(
      'it is tagged',
      () => labelOf(focusedTile()),
      (text) => text.includes('<b onclick=alert(1)>long'),
    );
    await press('Enter');
    const row = gallery().locator('assetlens-labels li', { hasText: '<b onclick=alert(1)>' });
    const name = row.locator('.name');
    await name.waitFor();
    await until(
      'the title is the name',
      () => detail().locator('h2').innerText(),
      (text) => text === HOSTILE,
    );
    await screenshot('odd');
    const width = await detail().evaluate((pane) => pane.scrollWidth - pane.clientWidth);
    assert.ok(width <= 1, `the pane is ${width} pixels too wide`);
    await row.locator('vscode-toolbar-button').first().click();
    await name.waitFor({ state: 'detached' });
    await press('Escape', 'Escape');
  });

  it('reports that the image in the detail pane was deleted, and continues with the others', async () => {
    const { page, sample } = tour();
    const tile = gallery().locator('[role=gridcell]', { hasText: RIGHT_TO_LEFT });
    await tile.click();
    await press('Enter');
    await until(
      'it is shown',
      () => detail().locator('h2').innerText(),
      (text) => text === RIGHT_TO_LEFT,
    );
    await rm(path.join(sample.folder, 'odd', RIGHT_TO_LEFT));
    await tile.waitFor({ state: 'detached' });
    await detail().locator('[role=alert]', { hasText: 'no longer indexed' }).first().waitFor();
    await press('4'); // without an image the key has no effect
    await page.waitForTimeout(500);
    await press('Escape', 'Escape');
    await detail().waitFor({ state: 'detached' });
    await until(
      'a tile has the focus',
      () => focusedTile().count(),
      (n) => n === 1,
    );
    await gallery().locator('#search input').fill('');
    await counted(`${TOTAL - 1} images`);
  });

  it('shows the new picture when a file has changed', async () => {
    const { sample } = tour();
    const file = path.join(sample.folder, 'odd', HOSTILE);
    await search('image path:odd/');
    const picture = gallery().locator('[role=gridcell]', { hasText: HOSTILE }).locator('img');
    await picture.waitFor();
    const before = await picture.getAttribute('src');
    await writeFile(file, await iconOf('flat-color-icons', 'camera'));
    await until(
      'it has changed',
      () => picture.getAttribute('src', { timeout: 30_000 }),
      (src) => src !== before,
    );
    await gallery().locator('#search input').fill('');
    await counted(`${TOTAL - 1} images`);
  });

  it('restores the arrangement, the scroll position and the detail pane after a reload', async () => {
    const { page } = tour();
    await choose('#order', 'By path');
    await gallery().locator('[role=gridcell]', { hasText: '001' }).first().waitFor();
    await tiles().first().click();
    await press('PageDown', 'PageDown', 'PageDown', 'PageDown', 'Enter');
    await until(
      'it is shown',
      () => detail().locator('h2').innerText(),
      (text) => /\.\w+$/.test(text),
    );
    const name = await detail().locator('h2').innerText();
    const folder = await detail().locator('.folder').innerText();
    const inView = (): Promise<string[]> =>
      gallery()
        .locator('[role=grid]')
        .evaluate((grid) => {
          const { top, bottom } = grid.getBoundingClientRect();
          const isInView = ({ top: from, bottom: to }: DOMRect): boolean => to > top + 60 && from < bottom - 60;
          return [...grid.querySelectorAll('[role=gridcell]')]
            .filter((tile) => isInView(tile.getBoundingClientRect()))
            .map((tile) => tile.getAttribute('aria-label') ?? '');
        });
    const before = await inView();
    await page.waitForTimeout(1000); // it is saved in this time
    await runCommand(page, 'Developer: Reload Window');
    await page.waitForEvent('load');
    await until(
      'the pane is back',
      () => detail().locator('h2').innerText(),
      (text) => text === name,
    );
    assert.equal(await detail().locator('.folder').innerText(), folder);
    await counted(`${TOTAL - 1} images`);
    const order = await gallery()
      .locator('#order')
      .evaluate((select) => (select as HTMLSelectElement).value);
    assert.equal(order, 'path');
    await until(
      'the scroll position is the same',
      inView,
      (now) => now.some((label) => label.startsWith(name)) && now.some((label) => before.includes(label)),
    );
    await screenshot('reloaded');
  });

  it('is revealed by the command palette, in one tab', async () => {
    await runCommand(tour().page, 'AssetLens: Open Gallery');
    await tour().page.waitForTimeout(500);
    assert.equal(await tour().page.locator('.editor-group-container .tab', { hasText: 'Gallery' }).count(), 1);
    await detail().locator('#close').click();
    await detail().waitFor({ state: 'detached' });
  });

  for (const [theme, kind] of [
    ['Default Light Modern', 'vscode-light'],
    ['Default Dark Modern', 'vscode-dark'],
    ['Default High Contrast', 'vscode-high-contrast'],
  ] as const) {
    it(`is accessible in ${theme}`, async () => {
      await setTheme(theme);
      await gallery().locator(`body.${kind}`).waitFor();
      // The first image by path is black, and gets a light background in dark themes.
      const opaque = kind === 'vscode-light' ? 0 : 255;
      await until(
        'it is visible',
        () => cornerOf(tiles().first().locator('img')),
        (alpha) => alpha === opaque,
      );
      await tiles().first().click();
      await press('Enter');
      await gallery().locator('#filters').click();
      await detail().locator('assetlens-heatmap img').waitFor();
      await detail().locator('assetlens-labels li').nth(8).waitFor();
      await screenshot(kind);
      const violations = await accessibilityViolations();
      await gallery().locator('#filters').click();
      await tiles().first().click();
      await press('Escape', 'Escape');
      assert.equal(violations, '');
    });
  }

  it('shows where an object is: the highest cell is on it', async () => {
    await search(`heart path:odd/${COMPOSITE}`);
    await counted(/^1 of/);
    await tiles().first().click();
    await press('Enter');
    await detail().locator('#heatmap').click();
    await detail().locator('#prompt input').fill('heart');
    await detail().locator('#prompt input').press('Enter');
    const canvas = detail().locator('canvas').first();
    await until(
      'there is a map',
      () => labelOf(canvas),
      (text) => text.includes('heart: highest'),
    );
    await screenshot('composite');
    assert.match(await labelOf(canvas), /heart: highest [\d<]+ ?\d* %, bottom right/);
    await press('Escape');
  });

  it('had no error and no violation of its content security policy in all tests', () => {
    assert.deepEqual(consoleErrors, []);
  });

  function setTheme(theme: string): Promise<void> {
    const file = path.join(tour().sample.folder, '.vscode/settings.json');
    return writeFile(file, JSON.stringify({ 'workbench.colorTheme': theme }));
  }

  /** The violations that axe finds, one a line. */
  async function accessibilityViolations(): Promise<string> {
    const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    isListening = false; // axe sets inline styles, which our policy forbids
    const frame = await frameOf(gallery());
    await frame.evaluate(source);
    const violations = await frame.evaluate(
      `axe.run(document, { resultTypes: ['violations'], rules: ${JSON.stringify(RULES)} }).then(({ violations }) => violations)`,
    );
    await tour().page.waitForTimeout(200);
    isListening = true;
    return (violations as Result[])
      .flatMap(({ id, help, nodes }) =>
        nodes
          .slice(0, 5)
          .map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 300)} ${failureSummary ?? ''}`),
      )
      .join('\n');
  }
});

/** Rules of axe that do not apply to the page. */
const RULES = {
  // The accessible name of a tile begins with its visible name, and has more details than a tile can show.
  'label-content-name-mismatch': { enabled: false },
};

async function frameOf(locator: FrameLocator): Promise<Frame> {
  const handle = await locator.owner().elementHandle();
  const frame = await handle.contentFrame();
  assert.ok(frame, 'the gallery has no frame');
  return frame;
}

/** Opacity of the corner of a picture, 0 to 255. */
function cornerOf(picture: Locator): Promise<number> {
  return picture.evaluate((image) => {
    const context = new OffscreenCanvas(1, 1).getContext('2d');
    context?.drawImage(image as HTMLImageElement, 0, 0);
    return context?.getImageData(0, 0, 1, 1).data[3] ?? -1;
  });
}

async function forEachInTurn<T>(items: readonly T[], each: (item: T) => Promise<unknown>): Promise<void> {
  for (const item of items) await each(item);
}

async function iconOf(set: string, name: string): Promise<string> {
  return svgOf(await readIconSet(set), name);
}

/** Adds images with unusual names, and one that shows only a heart at the bottom right. */
async function addUnusualImages(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'odd'), { recursive: true });
  await mkdir(path.join(folder, '.vscode'), { recursive: true });
  const icons = ['lock', 'folder', 'settings'];
  for (const [i, name] of [HOSTILE, RIGHT_TO_LEFT, LONG].entries()) {
    await writeFile(path.join(folder, 'odd', name), await iconOf('flat-color-icons', icons[i] ?? 'lock'));
  }
  const heart = await sharp(Buffer.from(await iconOf('openmoji', 'red-heart')))
    .resize(96, 96)
    .png()
    .toBuffer();
  const background = { width: 256, height: 256, channels: 3, background: '#e6e6e6' } as const;
  await sharp({ create: background })
    .composite([{ input: heart, left: 150, top: 150 }])
    .png()
    .toFile(path.join(folder, 'odd', COMPOSITE));
}
