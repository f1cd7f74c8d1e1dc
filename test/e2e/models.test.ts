/**
 * The way to another model, through the VSIX as it ships, in a real VS Code beside a hub on this machine: added from the hub with
 * consent, cancelled half-way and gone on with, refused, switched to and back, from a folder, removed. `npm run models`; screenshots
 * go to build/screenshots/models.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { startHub, type HubServer } from '../hub/hubServer.ts';
import { EMBEDDING, writeCheckpoint } from '../models/layouts.ts';
import { runCommand } from '../vscode/host/workbench.ts';
import { startTour } from './tour.ts';

const REPOSITORY = 'someone/slow-clip';
/** ViT-Ti/16, which takes its time: one sees what goes on meanwhile. */
const VISION = {
  ...{ imageSize: 224, patchSize: 16, embeddingSize: EMBEDDING },
  ...{ width: 192, layers: 12, heads: 3, mlpWidth: 768 },
};
const DEVIATION = 0.08;
const HALF = 10_000_000;
const IMAGE = /\.svg.*%/;

describe('Somebody who wants another model', () => {
  let scratch: string;
  let checkpoint: string;
  let hub: HubServer;

  before(async function () {
    this.timeout(120_000);
    scratch = await mkdtemp(path.join(tmpdir(), 'assetlens-other-models-'));
    checkpoint = path.join(scratch, 'small');
    await writeCheckpoint(checkpoint);
    const large = path.join(scratch, 'large');
    await writeCheckpoint(large, { vision: VISION }, DEVIATION);
    const files: Record<string, Buffer> = {};
    for (const name of await readdir(large)) files[name] = await readFile(path.join(large, name));
    hub = await startHub({ [REPOSITORY]: { files, licence: 'mit' } });
  });
  after(async () => {
    await hub[Symbol.asyncDispose]();
    await rm(scratch, { recursive: true });
  });

  const tour = startTour({
    name: 'models',
    environment: () => ({
      // Whatever is set where the tests run.
      ...{ http_proxy: '', https_proxy: '', HTTP_PROXY: '', HTTPS_PROXY: '' },
      ...{ HF_TOKEN: '', HF_HUB_OFFLINE: '', HF_HUB_CACHE: '', HUGGINGFACE_HUB_CACHE: '', ASSETLENS_MODELS: '' },
      HF_ENDPOINT: hub.endpoint,
      HF_HOME: path.join(scratch, 'cache'),
      ASSETLENS_MODELS: path.join(scratch, 'models'),
    }),
  });
  const screenshot = (name: string): Promise<void> => tour().screenshot(name);
  const treeRow = (text: string | RegExp): Locator =>
    tour().page.locator('.sidebar .monaco-list-row', { hasText: text }).first();
  const listRow = (text: string | RegExp): Locator =>
    tour().page.locator('.quick-input-widget .monaco-list-row', { hasText: text }).first();
  const dialog = (): Locator => tour().page.locator('.monaco-dialog-box');
  const toast = (text: string | RegExp): Locator =>
    tour().page.locator('.notification-toast', { hasText: text }).first();
  const transfers = (): number =>
    hub.seen.filter(({ server, method }) => server === 'files' && method === 'GET').length;
  /** With those that are not whole, and without locks. */
  const installed = async (): Promise<string[]> =>
    (await readdir(path.join(scratch, 'models')).catch(() => [])).filter((name) => name !== '.locks');

  const openList = async (): Promise<void> => {
    await runCommand(tour().page, 'AssetLens: Choose Model');
    await listRow('assetlens-icons').waitFor();
  };
  /** These rows stay whatever is typed. */
  const beginAdding = async (row: string): Promise<void> => {
    await openList();
    await tour().page.keyboard.type('nothing like this');
    await listRow(row).click();
  };
  const askForRepository = async (name: string): Promise<void> => {
    const { page } = tour();
    await beginAdding('Add a Model from the Hub');
    await page.locator('.quick-input-widget input.input[placeholder*="laion"]').waitFor();
    await page.keyboard.type(name);
    await page.keyboard.press('Enter');
  };
  const close = async (text: string | RegExp): Promise<void> => {
    await toast(text).hover();
    await toast(text).locator('.codicon-notifications-clear').click();
    await toast(text).waitFor({ state: 'hidden' });
  };

  it('tags with the model that is there', async () => {
    const { page } = tour();
    await page.locator('.activitybar .action-item a[aria-label*="AssetLens"]').click();
    await page.locator('.sidebar .monaco-button', { hasText: 'Tag Workspace Images' }).click();
    await treeRow('camera').waitFor();
    await toast(/images/).waitFor({ state: 'hidden' });
  });

  it('sees what is installed, and what is recommended with its size and licence', async () => {
    const { page } = tour();
    await openList();
    await listRow('608 MB to download').waitFor();
    await screenshot('list');
    assert.equal(hub.seen.length, 0);
    await page.keyboard.press('Escape');
  });

  it('is asked before a download, with its size and its licence, and may say no', async () => {
    const { page } = tour();
    await beginAdding('Add a Model from the Hub');
    await page.locator('.quick-input-widget input.input[placeholder*="laion"]').waitFor();
    await screenshot('hub');
    await page.keyboard.type('slow-clip');
    await screenshot('repository');
    await page.keyboard.press('Escape');
    await askForRepository(REPOSITORY);
    await dialog().waitFor();
    await screenshot('consent');
    const text = await dialog().innerText();
    assert.match(text, /download 2\d MB from 127\.0\.0\.1/);
    assert.match(text, /Licence: mit/);
    await dialog().locator('.monaco-button', { hasText: 'Cancel' }).click();
    await toast('Adding').waitFor({ state: 'hidden' });
    assert.deepEqual([transfers(), await installed()], [0, []]);
  });

  it('stops a download half-way, and it goes on from there', async () => {
    const { page } = tour();
    hub.faults.stalls = Array.from({ length: 20 }, () => HALF);
    await askForRepository(REPOSITORY);
    await dialog().locator('.monaco-button', { hasText: 'Download' }).click();
    await toast(/1\d MB of 2\d MB/).waitFor();
    await screenshot('progress');
    await toast('Adding').locator('.monaco-button', { hasText: 'Cancel' }).click();
    await toast('Adding').waitFor({ state: 'hidden' });
    hub.faults.stalls = [];
    while ((await installed()).length > 0) await page.waitForTimeout(50); // the half model goes
    await askForRepository(REPOSITORY);
    await dialog().waitFor();
    await screenshot('the-rest');
    assert.match(await dialog().innerText(), /download 1\d MB/);
    await dialog().locator('.monaco-button', { hasText: 'Cancel' }).click();
    await toast('Adding').waitFor({ state: 'hidden' });
  });

  it('is told why a download failed, and what to do', async () => {
    const { page } = tour();
    hub.faults.token = 'secret';
    await askForRepository(REPOSITORY);
    await toast(/does not show someone\/slow-clip.*HF_TOKEN/).waitFor();
    await toast('Adding').waitFor({ state: 'hidden' });
    await screenshot('gated');
    await close('HF_TOKEN');
    hub.faults.token = null;
    await askForRepository('someone/nothing');
    await toast(/has no someone\/nothing/).waitFor();
    await close('someone/nothing');
    hub.faults.statuses = Array.from({ length: 4 }, () => ({ status: 429, headers: { 'retry-after': '0' } }));
    await askForRepository(REPOSITORY);
    await toast(/too many requests.*Try again later/).waitFor();
    await toast('Adding').waitFor({ state: 'hidden' });
    await screenshot('busy');
    await toast('too many requests').locator('.monaco-button', { hasText: 'Try Again' }).click();
    await dialog().waitFor();
    await page.keyboard.press('Escape');
    await toast('Adding').waitFor({ state: 'hidden' });
  });

  it('adds it, and works with the earlier tags until the new ones are whole', async () => {
    const { page } = tour();
    await treeRow('camera').click();
    await treeRow(IMAGE).waitFor();
    const sidebar = page.locator('.sidebar');
    const stale = sidebar.filter({ hasText: /The tags come from assetlens-icons\. slow-clip has indexed \d+ of 500/ });
    await askForRepository(REPOSITORY);
    await dialog().locator('.monaco-button', { hasText: 'Download' }).click();
    await stale.filter({ hasText: IMAGE }).waitFor();
    await screenshot('switching');
    assert.ok(hub.seen.some(({ range }) => range === `bytes=${HALF}-`));
    await stale.waitFor({ state: 'hidden' });
    await page.waitForTimeout(1500); // the tree
    await screenshot('switched');
    await page.locator('.statusbar-item[aria-label^="AssetLens: 500 images"]').hover();
    await page.locator('.monaco-hover:visible', { hasText: /Model: slow-clip\s*Device: \S+ \(.+\)/ }).waitFor();
    await screenshot('status-bar');
    await openList();
    await listRow(/slow-clip.*in use/s).waitFor();
    await screenshot('list-in-use');
    await page.keyboard.press('Escape');
  });

  it('goes back at once', async () => {
    await openList();
    await listRow('assetlens-icons').click();
    await treeRow('camera').waitFor();
    await screenshot('back');
  });

  it('is asked before a model of the same name is replaced', async () => {
    await askForRepository(REPOSITORY);
    await dialog().waitFor();
    await screenshot('replace');
    assert.match(await dialog().innerText(), /"slow-clip" is installed already/);
    await dialog().locator('.monaco-button', { hasText: 'Cancel' }).click();
    await dialog().waitFor({ state: 'hidden' });
  });

  it('adds one from a folder', async () => {
    const { page } = tour();
    await beginAdding('Add a Model from a Folder');
    const chooser = page.locator('.quick-input-widget:visible', { hasText: 'Add a Model from a Folder' });
    await chooser.waitFor();
    await chooser.locator('input.input').fill(`${checkpoint}/`);
    await screenshot('folder');
    // While the chooser still reads the folder, its button does not take it.
    for (let isOpen = true; isOpen; isOpen = await chooser.isVisible()) {
      await chooser
        .locator('.monaco-button', { hasText: 'Add' })
        .click({ timeout: 3_000 })
        .catch(() => undefined);
      await page.waitForTimeout(1_000);
    }
    await toast('Adding').waitFor({ state: 'hidden' });
    await openList();
    await listRow(/small.*in use/s).waitFor(); // as soon as it is
    await screenshot('three');
    assert.deepEqual((await installed()).sort(), ['slow-clip', 'small']);
  });

  it('removes the one in use after a question, and has the one that comes with AssetLens', async () => {
    const { page } = tour();
    const row = listRow(/small.*in use/s);
    await row.hover();
    await row.locator('.codicon-trash').click();
    await dialog().waitFor();
    await screenshot('remove');
    await dialog().locator('.monaco-button', { hasText: 'Remove' }).click();
    await dialog().waitFor({ state: 'hidden' });
    while ((await installed()).length > 1) await page.waitForTimeout(50);
    assert.deepEqual(await installed(), ['slow-clip']);
    await page.waitForTimeout(1500); // the tree
    await treeRow('camera').waitFor();
    await screenshot('removed');
    assert.equal(await page.locator('.sidebar', { hasText: 'cannot be loaded' }).count(), 0);
    await page.keyboard.press('Escape');
    await openList();
    await listRow(/assetlens-icons.*in use/s).waitFor();
    await page.keyboard.press('Escape');
  });
});

describe('Somebody in a workspace that is not trusted', () => {
  const tour = startTour({
    name: 'untrusted',
    asksForTrust: true,
    settings: { 'security.workspace.trust.startupPrompt': 'never' },
  });

  it('is told that models are not added there, and where to trust it', async () => {
    const { page } = tour();
    await runCommand(page, 'AssetLens: Choose Model');
    await page.locator('.quick-input-widget .monaco-list-row', { hasText: 'assetlens-icons' }).waitFor();
    await page.keyboard.type('nothing like this');
    await page.locator('.quick-input-widget .monaco-list-row', { hasText: 'from the Hub' }).click();
    const toast = page.locator('.notification-toast', { hasText: 'in trusted workspaces alone' });
    await toast.waitFor();
    await tour().screenshot('untrusted');
    await toast.locator('.monaco-button', { hasText: 'Manage Workspace Trust' }).click();
    await page.locator('.workspace-trust-editor').waitFor();
    await tour().screenshot('trust');
  });
});
