/**
 * Tests models with the packaged VSIX in a real VS Code and with a local hub: adding from the hub and from a folder,
 * cancelling and continuing a download, failures, switching, and removing. `npm run models` runs it. Screenshots go to
 * build/screenshots/models.
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
/** ViT-Ti/16, which is slow enough for tests during the switch. */
const VISION = {
  ...{ imageSize: 224, patchSize: 16, embeddingSize: EMBEDDING },
  ...{ width: 192, layers: 12, heads: 3, mlpWidth: 768 },
};
const DEVIATION = 0.08;
const HALF = 10_000_000;
const IMAGE = /\.svg.*%/;

describe('A user who wants another model', () => {
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
      // Overrides the environment of the tests.
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
  /** Includes incomplete models, without locks. */
  const installed = async (): Promise<string[]> =>
    (await readdir(path.join(scratch, 'models')).catch(() => [])).filter((name) => name !== '.locks');

  const openList = async (): Promise<void> => {
    await runCommand(tour().page, 'AssetLens: Choose Model');
    await listRow('assetlens-icons').waitFor();
  };
  /** These rows are shown for any typed text. */
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

  it('tags with the bundled model', async () => {
    const { page } = tour();
    await page.locator('.activitybar .action-item a[aria-label*="AssetLens"]').click();
    await page.locator('.sidebar .monaco-button', { hasText: 'Tag Workspace Images' }).click();
    await treeRow('camera').waitFor();
    await toast(/images/).waitFor({ state: 'hidden' });
  });

  it('sees installed models, and recommended models with size and licence', async () => {
    const { page } = tour();
    await openList();
    await listRow('608 MB to download').waitFor();
    await screenshot('list');
    assert.equal(hub.seen.length, 0);
    await page.keyboard.press('Escape');
  });

  it('sees size and licence before a download, and can decline it', async () => {
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

  it('cancels a download and continues it later', async () => {
    const { page } = tour();
    hub.faults.stalls = Array.from({ length: 20 }, () => HALF);
    await askForRepository(REPOSITORY);
    await dialog().locator('.monaco-button', { hasText: 'Download' }).click();
    await toast(/1\d MB of 2\d MB/).waitFor();
    await screenshot('progress');
    await toast('Adding').locator('.monaco-button', { hasText: 'Cancel' }).click();
    await toast('Adding').waitFor({ state: 'hidden' });
    hub.faults.stalls = [];
    while ((await installed()).length > 0) await page.waitForTimeout(50); // the incomplete model is removed
    await askForRepository(REPOSITORY);
    await dialog().waitFor();
    await screenshot('the-rest');
    assert.match(await dialog().innerText(), /download 1\d MB/);
    await dialog().locator('.monaco-button', { hasText: 'Cancel' }).click();
    await toast('Adding').waitFor({ state: 'hidden' });
  });

  it('sees why a download failed, and what to do', async () => {
    const { page } = tour();
    hub.faults.token = 'secret';
    await askForRepository(REPOSITORY);
    await toast(/refused access to someone\/slow-clip.*HF_TOKEN/).waitFor();
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

  it('adds the model, and works with the earlier tags until the new ones are complete', async () => {
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

  it('switches back immediately', async () => {
    await openList();
    await listRow('assetlens-icons').click();
    await treeRow('camera').waitFor();
    await screenshot('back');
  });

  it('has to confirm before a model of the same name is replaced', async () => {
    await askForRepository(REPOSITORY);
    await dialog().waitFor();
    await screenshot('replace');
    assert.match(await dialog().innerText(), /"slow-clip" is already installed/);
    await dialog().locator('.monaco-button', { hasText: 'Cancel' }).click();
    await dialog().waitFor({ state: 'hidden' });
  });

  it('adds a model from a folder', async () => {
    const { page } = tour();
    await beginAdding('Add a Model from a Folder');
    const chooser = page.locator('.quick-input-widget:visible', { hasText: 'Add a Model from a Folder' });
    await chooser.waitFor();
    const input = chooser.locator('input.input');
    await input.fill(`${checkpoint}/`);
    await screenshot('folder');
    // The button has no effect while the dialog is reading a folder, and the dialog may enter the first folder late.
    for (let isOpen = true; isOpen; isOpen = await chooser.isVisible()) {
      if ((await input.inputValue()) !== `${checkpoint}/`) await input.fill(`${checkpoint}/`);
      await page.waitForTimeout(500);
      if ((await input.inputValue().catch(() => '')) !== `${checkpoint}/`) continue;
      await chooser
        .locator('.monaco-button', { hasText: 'Add' })
        .click({ timeout: 3_000 })
        .catch(() => undefined);
      await page.waitForTimeout(1_000);
    }
    await toast('Adding').waitFor({ state: 'hidden' });
    await openList();
    await listRow(/small.*in use/s).waitFor();
    await screenshot('three');
    assert.deepEqual((await installed()).sort(), ['slow-clip', 'small']);
  });

  it('removes the model in use after a confirmation, and uses the bundled model', async () => {
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

describe('A user in an untrusted workspace', () => {
  const tour = startTour({
    name: 'untrusted',
    asksForTrust: true,
    settings: { 'security.workspace.trust.startupPrompt': 'never' },
  });

  it('sees that models cannot be added there, and how to trust it', async () => {
    const { page } = tour();
    await runCommand(page, 'AssetLens: Choose Model');
    await page.locator('.quick-input-widget .monaco-list-row', { hasText: 'assetlens-icons' }).waitFor();
    await page.keyboard.type('nothing like this');
    await page.locator('.quick-input-widget .monaco-list-row', { hasText: 'from the Hub' }).click();
    const toast = page.locator('.notification-toast', { hasText: 'only in trusted workspaces' });
    await toast.waitFor();
    await tour().screenshot('untrusted');
    await toast.locator('.monaco-button', { hasText: 'Manage Workspace Trust' }).click();
    await page.locator('.workspace-trust-editor').waitFor();
    await tour().screenshot('trust');
  });
});
