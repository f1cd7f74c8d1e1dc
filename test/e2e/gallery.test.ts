/**
 * The gallery as people use it, through the VSIX as it ships, in a real VS Code: 500 images and a few that are made to be awkward.
 * By keyboard wherever that is possible. `npm run gallery`; screenshots go to build/screenshots/gallery.
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

/** Names that a page must show as what they are: text. */
const HOSTILE = '<img src=x onerror=document.title=1>.svg';
const RIGHT_TO_LEFT = 'صورة القلب.svg';
const LONG = `${'a long name '.repeat(20).trim()}.svg`;
const COMPOSITE = 'composite.png';
const EXTRA = [HOSTILE, RIGHT_TO_LEFT, LONG, COMPOSITE];
const TOTAL = 500 + EXTRA.length;
/** Tiles that a window of this size can show, and the lines before and after them, whatever the number of images. */
const MOST_TILES = 120;

describe('The gallery', () => {
  /** What the page's own console said against it. */
  const complaints: string[] = [];
  let listening = true;
  const tour = startTour({
    name: 'gallery',
    prepare: addAwkwardImages,
    onPage: watch,
  });
  const screenshot = (name: string): Promise<void> => tour().screenshot(name);

  function watch(page: Page): void {
    page.on('console', (message) => {
      const { url } = message.location();
      const isOurs = url === '' || /webview|assetlens/i.test(url);
      if (listening && isOurs && message.type() === 'error') complaints.push(`${message.text()} (${url})`);
    });
  }

  const gallery = (): FrameLocator => webviewFrame(tour().page);
  const tiles = (): Locator => gallery().locator('[role=gridcell]');
  const focusedTile = (): Locator => gallery().locator('[role=gridcell]:focus');
  const count = (): Locator => gallery().locator('assetlens-toolbar .count');
  const detail = (): Locator => gallery().locator('assetlens-detail');
  const press = (...keys: string[]): Promise<void> => inTurn(keys, (key) => tour().page.keyboard.press(key));
  const spoken = (tile: Locator): Promise<string> => tile.getAttribute('aria-label').then((label) => label ?? '');
  const positionOf = async (tile: Locator): Promise<number> => Number(await tile.getAttribute('data-position'));
  const selected = (): Promise<number[]> =>
    gallery()
      .locator('[role=gridcell][aria-selected=true]')
      .evaluateAll((all) => all.map((one) => Number((one as HTMLElement).dataset['position'])));
  /** Waits until the page says so; what it says instead is in the error. */
  const until = async <T>(what: string, look: () => Promise<T>, holds: (seen: T) => boolean): Promise<T> => {
    for (let attempt = 0; ; attempt++) {
      const seen = await look();
      if (holds(seen)) return seen;
      assert.ok(attempt < 300, `${what}: it is ${JSON.stringify(seen)}`);
      await tour().page.waitForTimeout(100);
    }
  };
  const counted = (text: string | RegExp): Promise<string> =>
    until(
      `the count is ${text}`,
      async () => (await count().innerText()).trim(),
      (seen) => (typeof text === 'string' ? seen === text : text.test(seen)),
    );
  /** Types into the search box as people do; '/' goes there from the grid. */
  const search = async (words: string): Promise<void> => {
    const box = gallery().locator('#search input');
    await box.fill('');
    await box.pressSequentially(words, { delay: 15 });
  };
  const firstNames = async (most: number): Promise<string[]> =>
    (await tiles().evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? '')))
      .slice(0, most)
      .map((label) => nameOf(tour().sample, label));
  const choose = async (select: string, option: string): Promise<void> => {
    await gallery().locator(select).click();
    await gallery().locator(`${select} [role=option]`, { hasText: option }).click();
  };

  it('says in an empty one what to do, and fills as soon as it is done', async () => {
    const { page } = tour();
    await runCommand(page, 'AssetLens: Open Gallery');
    await gallery().locator('.empty', { hasText: 'No image of this workspace is indexed yet.' }).waitFor();
    await screenshot('empty');
    await gallery().locator('#tag-workspace').click();
    await counted(`${TOTAL} images`);
  });

  it('shows pictures in its tiles, and what each of them is', async () => {
    const pictures = gallery().locator('[role=gridcell] img');
    await pictures.nth(12).waitFor();
    await until(
      'they are drawn',
      () => pictures.evaluateAll((all) => all.every((one) => (one as HTMLImageElement).naturalWidth > 0)),
      Boolean,
    );
    assert.match(await spoken(tiles().first()), /^\S+\.\w+, .*\d+ %, [\w/]+$/);
    await screenshot('tiles');
  });

  it('is one stop of the tab key, and every arrow goes where one would look', async () => {
    const { page } = tour();
    const columns = Number(await gallery().locator('[role=grid]').getAttribute('aria-colcount'));
    assert.ok(columns > 2);
    await gallery().locator('#search input').focus();
    for (let stop = 0; stop < 12 && (await focusedTile().count()) === 0; stop++) await press('Tab');
    assert.equal(await positionOf(focusedTile()), 0);
    const goes = async (key: string, to: number): Promise<void> => {
      await press(key);
      await until(
        `${key} goes`,
        () => positionOf(focusedTile()),
        (at) => at === to,
      );
      const box = await focusedTile().boundingBox();
      const view = await gallery().locator('[role=grid]').boundingBox();
      assert.ok(box && view && box.y >= view.y - 1 && box.y + box.height <= view.y + view.height + 1, 'it is in view');
    };
    await goes('ArrowRight', 1);
    await goes('ArrowDown', 1 + columns);
    await goes('ArrowLeft', columns);
    await goes('End', 2 * columns - 1);
    await goes('Home', columns);
    await goes('ArrowUp', 0);
    await goes('Control+End', TOTAL - 1);
    await goes('Control+Home', 0);
    const outline = await focusedTile().evaluate((one) => getComputedStyle(one).outlineWidth);
    assert.equal(outline, '2px', 'the focus is seen');
    await press('Shift+Tab');
    assert.equal(await focusedTile().count(), 0);
    await press('Tab');
    assert.equal(await positionOf(focusedTile()), 0);
    await page.waitForTimeout(0);
  });

  it('keeps only what is in view in the document, however far one scrolls', async () => {
    assert.ok((await tiles().count()) < MOST_TILES);
    await press('Control+End');
    await gallery()
      .locator(`[data-position="${TOTAL - 1}"] img`)
      .waitFor();
    const there = await tiles().count();
    assert.ok(there < MOST_TILES, `${there} tiles`);
    const lines = Number(await gallery().locator('[role=grid]').getAttribute('aria-rowcount'));
    assert.ok(lines > 40);
    const last = gallery().locator('[role=row]', { has: focusedTile() });
    assert.equal(Number(await last.getAttribute('aria-rowindex')), lines);
    await press('Control+Home');
    await gallery().locator('[data-position="0"] img').waitFor();
    assert.ok((await tiles().count()) < MOST_TILES);
  });

  it('selects with shift, space and Ctrl+A, and says how many', async () => {
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
    assert.ok(faces > 5 && arrows > 5 && vectors > 100);
    await screenshot('filters');
    await box(': face').click();
    await counted(`${faces} of ${TOTAL} images`);
    assert.match(await spoken(tiles().first()), /face/);
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
    for (const label of await tiles().evaluateAll((all) => all.map((one) => one.getAttribute('aria-label'))))
      assert.match(label ?? '', /\.png, /);
    await gallery().locator('assetlens-filters #reset').click();
    await counted(`${TOTAL} images`);
    await gallery().locator('#filters').click();
  });

  it('finds by what images show, the likely ones first', async () => {
    await search('sad face');
    await gallery().locator('[role=rowheader]', { hasText: 'Likely' }).first().waitFor();
    await counted(/^\d+ of/);
    await screenshot('search');
    const names = await firstNames(8);
    const faces = names.filter((name) => /face|angry|eyes|sad|cry/.test(name));
    assert.ok(faces.length > names.length / 2, `found: ${names.join(', ')}`);
  });

  it('shows the results of the last words, however fast they are typed', async () => {
    const wanted = await tiles().first().getAttribute('aria-label');
    const box = gallery().locator('#search input');
    for (const words of ['red car', 'arrow', 'a clock', 'flag of japan', 'sad face']) {
      await box.fill(words);
      await tour().page.waitForTimeout(230); // just after the keys are taken to rest
    }
    await until(
      'the last one counts',
      () => tiles().first().getAttribute('aria-label'),
      (seen) => seen === wanted,
    );
    await tour().page.waitForTimeout(1500); // what came late would come by now
    assert.equal(await tiles().first().getAttribute('aria-label'), wanted);
    assert.equal(await box.inputValue(), 'sad face');
    await box.fill('');
    await counted(`${TOTAL} images`);
  });

  it('says what a query that is no query lacks, and that nothing passes', async () => {
    await search('path:odd/');
    await gallery().locator('.empty', { hasText: 'Say what to look for in these paths.' }).waitFor();
    await search('lock path:nowhere/');
    await gallery().locator('.empty', { hasText: 'No image passes' }).waitFor();
    await gallery().locator('#show-all').click();
    await counted(`${TOTAL} images`);
    assert.equal(await gallery().locator('#search input').inputValue(), '');
  });

  it('opens an image beside the grid, and the arrows go on to the next one', async () => {
    await tiles().first().click();
    const first = await spoken(focusedTile());
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
    const second = await spoken(focusedTile());
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
    const [begun, before] = [await value(), await width()];
    await press('Tab');
    assert.equal(await border.evaluate((one) => one.matches(':focus')), true);
    assert.equal(await border.getAttribute('aria-orientation'), 'vertical');
    for (const [key, to] of [
      ['ArrowLeft', begun - 2],
      ['ArrowRight', begun],
      ['Shift+ArrowLeft', begun - 10],
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
    const room = await gallery().locator('assetlens-split').boundingBox();
    assert.ok(box && room);
    await page.mouse.move(box.x + 2, box.y + 100);
    await page.mouse.down();
    await page.mouse.move(room.x + room.width * (begun / 100), box.y + 120, { steps: 4 });
    await page.mouse.up();
    await until('the mouse moves it', value, (at) => Math.abs(at - begun) <= 1);
    await press('Shift+Tab');
    assert.equal(await focusedTile().count(), 1);
  });

  it('corrects a tag with a digit, and takes it back with the same', async () => {
    const label = detail().locator('assetlens-labels li').nth(3);
    const before = await until(
      'it has a score',
      () => label.innerText(),
      (text) => /\d %/.test(text),
    );
    const name = (await label.locator('.name').innerText()).trim();
    await press('4');
    await until(
      'it is by hand',
      () => label.innerText(),
      (text) => text.includes('by hand') && text.includes(name),
    );
    await gallery().locator(`[role=gridcell][aria-label*="${name} by hand"]`).first().waitFor(); // it may be another place by now
    await until(
      'it is told',
      () => detail().locator('[role=status]').innerText(),
      (text) => text === `${name}: by hand`,
    );
    await press('4');
    await until(
      'it is taken back',
      () => label.innerText(),
      (text) => text === before,
    );
    assert.equal(await focusedTile().count(), 1, 'the focus stays');
  });

  it('closes the detail pane with Escape, and the focus is where it was', async () => {
    const at = await positionOf(focusedTile());
    await press('Escape', 'Escape');
    await detail().waitFor({ state: 'detached' });
    assert.equal(await positionOf(focusedTile()), at);
    await press('ArrowRight');
    assert.equal(await positionOf(focusedTile()), at + 1);
  });

  it('removes a label from what stands under it with Delete, and the next image has the focus', async () => {
    await choose('#group', 'By label');
    const header = gallery().locator('[role=rowheader]').first();
    await header.waitFor();
    const groupSize = async (): Promise<number> => Number.parseInt(await header.locator('.count').innerText());
    const before = await groupSize();
    await tiles().first().click();
    const [gone, next] = [await spoken(tiles().nth(0)), await spoken(tiles().nth(1))];
    await until(
      'it has the focus',
      () => focusedTile().count(),
      (count) => count === 1,
    );
    await press('Delete');
    await until('it is gone', groupSize, (now) => now === before - 1);
    await until(
      'the next one has the focus',
      () => spoken(focusedTile()),
      (label) => label === next,
    );
    // The detail pane knows what was said, and takes it back.
    const [file = '', folder = ''] = [gone.split(', ')[0], gone.split(', ').at(-1)];
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

  it('has a menu of our commands, by mouse and by key, and the focus comes back from it', async () => {
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

  it('shows names and labels as text, whatever they are made of', async () => {
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
      () => spoken(focusedTile()),
      (text) => text.includes('<b onclick=alert(1)>long'),
    );
    await press('Enter');
    const row = gallery().locator('assetlens-labels li', { hasText: '<b onclick=alert(1)>' });
    const shown = row.locator('.name');
    await shown.waitFor();
    await until(
      'the title is the name',
      () => detail().locator('h2').innerText(),
      (text) => text === HOSTILE,
    );
    await screenshot('odd');
    const width = await detail().evaluate((pane) => pane.scrollWidth - pane.clientWidth);
    assert.ok(width <= 1, `the pane is ${width} pixels too wide`);
    await row.locator('vscode-toolbar-button').first().click();
    await shown.waitFor({ state: 'detached' });
    await press('Escape', 'Escape');
  });

  it('says so when an image vanishes while it is shown, and goes on with the others', async () => {
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
    await detail().locator('[role=alert]', { hasText: 'not in the index any more' }).first().waitFor();
    await press('4'); // nothing to correct any more: it says so, and that is all
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

  it('shows another picture when a file has become one', async () => {
    const { sample } = tour();
    const file = path.join(sample.folder, 'odd', HOSTILE);
    await search('image path:odd/');
    const picture = gallery().locator('[role=gridcell]', { hasText: HOSTILE }).locator('img');
    await picture.waitFor();
    const before = await picture.getAttribute('src');
    await writeFile(file, await iconOf('flat-color-icons', 'camera'));
    await until(
      'it is another',
      () => picture.getAttribute('src', { timeout: 30_000 }),
      (src) => src !== before,
    );
    await gallery().locator('#search input').fill('');
    await counted(`${TOTAL - 1} images`);
  });

  it('is the same after the window is loaded anew: arrangement, place, and the image that was shown', async () => {
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
    const place = await detail().locator('.place').innerText();
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
    await page.waitForTimeout(1000); // it is kept by now
    await runCommand(page, 'Developer: Reload Window');
    await page.waitForEvent('load');
    await until(
      'the pane is back',
      () => detail().locator('h2').innerText(),
      (text) => text === name,
    );
    assert.equal(await detail().locator('.place').innerText(), place);
    await counted(`${TOTAL - 1} images`);
    const order = await gallery()
      .locator('#order')
      .evaluate((select) => (select as HTMLSelectElement).value);
    assert.equal(order, 'path');
    await until(
      'the place is the same',
      inView,
      (now) => now.some((label) => label.startsWith(name)) && now.some((label) => before.includes(label)),
    );
    await screenshot('reloaded');
  });

  it('is found again with the palette, and shown once', async () => {
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
    it(`is readable in ${theme}, and tells screen readers all of it`, async () => {
      await setTheme(theme);
      await gallery().locator(`body.${kind}`).waitFor();
      // The first one by path is black, and has a background of its own where it would not be seen.
      const opaque = kind === 'vscode-light' ? 0 : 255;
      await until(
        'it is seen',
        () => cornerOf(tiles().first().locator('img')),
        (alpha) => alpha === opaque,
      );
      await tiles().first().click();
      await press('Enter');
      await gallery().locator('#filters').click();
      await detail().locator('assetlens-heatmap img').waitFor();
      await detail().locator('assetlens-labels li').nth(8).waitFor();
      await screenshot(kind);
      const found = await checkAccess();
      await gallery().locator('#filters').click();
      await tiles().first().click();
      await press('Escape', 'Escape');
      assert.equal(found, '');
    });
  }

  it('shows where something is: the hottest cell lies on it', async () => {
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
      () => spoken(canvas),
      (text) => text.includes('heart: highest'),
    );
    await screenshot('composite');
    assert.match(await spoken(canvas), /heart: highest [\d<]+ ?\d* %, bottom right/);
    await press('Escape');
  });

  it('has had no error and no violation of its content security policy in all of that', () => {
    assert.deepEqual(complaints, []);
  });

  function setTheme(theme: string): Promise<void> {
    const file = path.join(tour().sample.folder, '.vscode/settings.json');
    return writeFile(file, JSON.stringify({ 'workbench.colorTheme': theme }));
  }

  /** What axe finds, a line each. */
  async function checkAccess(): Promise<string> {
    const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    listening = false; // axe draws with inline styles, which our policy refuses
    const frame = await frameOf(gallery());
    await frame.evaluate(source);
    const violations = await frame.evaluate(
      `axe.run(document, { resultTypes: ['violations'], rules: ${JSON.stringify(RULES)} }).then(({ violations }) => violations)`,
    );
    await tour().page.waitForTimeout(200);
    listening = true;
    return (violations as Result[])
      .flatMap(({ id, help, nodes }) =>
        nodes
          .slice(0, 5)
          .map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 300)} ${failureSummary ?? ''}`),
      )
      .join('\n');
  }
});

/** What is not asked of the page. */
const RULES = {
  // A tile is called by its name first and then by all that is known of it, which is more than a tile has room for.
  'label-content-name-mismatch': { enabled: false },
};

async function frameOf(locator: FrameLocator): Promise<Frame> {
  const handle = await locator.owner().elementHandle();
  const frame = await handle.contentFrame();
  assert.ok(frame, 'the gallery has no frame');
  return frame;
}

/** How opaque the corner of a picture is, 0 to 255. */
function cornerOf(picture: Locator): Promise<number> {
  return picture.evaluate((image) => {
    const context = new OffscreenCanvas(1, 1).getContext('2d');
    context?.drawImage(image as HTMLImageElement, 0, 0);
    return context?.getImageData(0, 0, 1, 1).data[3] ?? -1;
  });
}

async function inTurn<T>(all: readonly T[], each: (one: T) => Promise<unknown>): Promise<void> {
  for (const one of all) await each(one);
}

async function iconOf(set: string, name: string): Promise<string> {
  return svgOf(await readIconSet(set), name);
}

/** Images with odd names, and one with a heart at its bottom right and nothing else. */
async function addAwkwardImages(folder: string): Promise<void> {
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
