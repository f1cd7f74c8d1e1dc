/**
 * The first steps of a new user with the packed extension in VS Code: open a folder of 500 images, tag them, browse the
 * tree, search. `npm run newcomer` runs it. Screenshots go to build/screenshots/newcomer; `npm run media` makes the
 * pictures of the README and the walkthrough from them.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { runCommand, webviewFrame } from '../vscode/host/workbench.ts';
import { nameOf, startTour } from './tour.ts';

/** A text file in the sample that refers to an image. */
const TEXT_FILE = 'docs/guide.md';

describe('A new user', () => {
  const tour = startTour({
    name: 'newcomer',
    prepare: (folder) =>
      writeFile(path.join(folder, TEXT_FILE), '# Icons\n\n![The camera](../web/public/icons/015.svg)\n'),
  });
  const screenshot = (name: string): Promise<void> => tour().screenshot(name);
  const treeRow = (text: string | RegExp): Locator =>
    tour().page.locator('.sidebar .monaco-list-row', { hasText: text }).first();
  const resultRows = (): Locator => tour().page.locator('.quick-input-widget .monaco-list-row');

  it('finds AssetLens in the Activity Bar, and a view with the first step', async () => {
    const { page } = tour();
    await page.locator('.activitybar .action-item a[aria-label*="AssetLens"]').click();
    await page.locator('.sidebar .monaco-button', { hasText: 'Tag Workspace Images' }).waitFor();
    await screenshot('welcome');
  });

  it('tags the 500 images with the button of that view', async () => {
    const { page } = tour();
    await page.locator('.sidebar .monaco-button', { hasText: 'Tag Workspace Images' }).click();
    for (const label of ['arrow', 'camera', 'clock', 'face']) await treeRow(label).waitFor();
    await screenshot('tagged');
  });

  it('sees the images of a label, by descending confidence', async () => {
    const { page } = tour();
    for (const set of ['Kind', 'Subject']) await treeRow(set).click(); // collapses the other label sets
    await treeRow('flag').waitFor({ state: 'hidden' });
    await treeRow('camera').click();
    await treeRow(/\.svg.*%/).waitFor();
    await page.waitForTimeout(1000); // thumbnails load
    await screenshot('tags');
    const texts = await page.locator('.sidebar .monaco-list-row', { hasText: '%' }).allInnerTexts();
    const scores = texts.map((text) => Number(/(\d+) %/.exec(text)?.[1]));
    assert.ok(scores.length > 1);
    assert.deepEqual(
      scores,
      scores.toSorted((a, b) => b - a),
    );
  });

  it('opens an image from the tree', async () => {
    const { page } = tour();
    await treeRow(/\.svg.*%/).click();
    await page.locator('.editor-group-container .tab', { hasText: '.svg' }).waitFor();
    await screenshot('opened');
  });

  it('finds images by their content', async () => {
    const { page, sample } = tour();
    await runCommand(page, 'AssetLens: Search Images by Text');
    await page.locator('.quick-input-widget input.input[placeholder*="Describe the image"]').waitFor();
    await page.keyboard.type('sad face', { delay: 40 });
    await resultRows().filter({ hasText: '%' }).first().waitFor();
    await page.waitForTimeout(1500); // the results for the complete query, and their thumbnails
    await screenshot('search');
    const texts = (await resultRows().allInnerTexts()).slice(0, 5);
    const names = texts.map((text) => nameOf(sample, text));
    const faces = names.filter((name) => /face|angry|eyes/.test(name));
    assert.ok(faces.length > names.length / 2, `found: ${names.join(', ')}`);
    await page.keyboard.press('Enter');
    await resultRows().first().waitFor({ state: 'hidden' });
  });

  it('finds images similar to the one in the editor', async () => {
    const { page } = tour();
    const row = treeRow(/\.svg.*%/);
    const open = /\S+\.svg/.exec(await row.innerText())?.[0] ?? '';
    await row.click();
    // The search opened another image, whose tab may still be the active one.
    await page.locator('.editor-group-container .tab.active', { hasText: open }).waitFor();
    await runCommand(page, 'AssetLens: Find Similar Images');
    await page.locator('.quick-input-title', { hasText: `Similar to ${open}` }).waitFor();
    await resultRows().filter({ hasText: '%' }).first().waitFor();
    await page.waitForTimeout(1000); // thumbnails load
    await screenshot('similar');
    assert.ok((await resultRows().count()) > 5);
    await page.keyboard.press('Escape');
  });

  it('sees the image and its labels in the hover over its path', async () => {
    const { page } = tour();
    await page.keyboard.press('Control+P');
    await page.locator('.quick-input-widget:visible input.input').fill(path.basename(TEXT_FILE));
    await resultRows()
      .filter({ hasText: path.basename(TEXT_FILE) })
      .first()
      .waitFor();
    await page.keyboard.press('Enter');
    const word = page.locator('.monaco-editor .view-line span', { hasText: '015.svg' }).last();
    await word.waitFor();
    const hover = page.locator('.monaco-hover:visible', { hasText: 'camera' }).first();
    await hoverUntil(page, word, hover);
    await hover.locator('img').first().waitFor(); // the editor may add another picture below
    await screenshot('hover');
  });

  it('sees how many images each label and a new label match', async () => {
    const { page } = tour();
    await runCommand(page, 'AssetLens: Manage Labels');
    await resultRows()
      .filter({ hasText: /flag.*matches \d+ images/s })
      .first()
      .waitFor();
    await page.mouse.move(640, 760); // away from the rows
    await screenshot('labels');
    await page.keyboard.type('umbrella', { delay: 40 });
    await resultRows()
      .filter({ hasText: /Add "umbrella".*\d/s })
      .first()
      .waitFor();
    await screenshot('new-label');
    await page.keyboard.press('Escape');
  });

  it('sees search results in the gallery, and a heatmap of an image', async () => {
    const { page } = tour();
    await runCommand(page, 'AssetLens: Open Gallery');
    const gallery = webviewFrame(page);
    const tiles = gallery.locator('[role=gridcell]');
    await tiles.locator('img').first().waitFor();
    await gallery.locator('#search input').fill('clock');
    await gallery.locator('[role=rowheader]', { hasText: 'Likely' }).first().waitFor();
    await tiles.first().click();
    await page.keyboard.press('Enter');
    await gallery.locator('assetlens-heatmap #heatmap').click();
    await gallery.locator('assetlens-heatmap canvas[aria-label*="highest"]').waitFor();
    await page.mouse.move(640, 780); // away from the tiles
    await page.waitForTimeout(1500); // pictures load
    await screenshot('gallery');
  });
});

/**
 * Moves the mouse over `target` until the hover appears; an editor that has just opened may ignore the first attempt.
 */
async function hoverUntil(page: Page, target: Locator, shown: Locator): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt++) {
    await page.mouse.move(640, 700);
    await target.hover();
    const isShown = await shown.waitFor({ timeout: 3000 }).then(
      () => true,
      () => false,
    );
    if (isShown) return;
  }
  throw new Error('The hover did not appear.');
}
