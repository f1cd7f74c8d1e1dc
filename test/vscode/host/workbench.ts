import { existsSync } from 'node:fs';
import { chromium, type Browser, type FrameLocator, type Page } from 'playwright-core';
import type { CodeServer } from './codeServer.ts';

/** Debian's chromium, unless ASSETLENS_CHROMIUM names another; null when there is none. */
export function findChromium(): string | null {
  const candidates = [process.env['ASSETLENS_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser'];
  return candidates.find((file) => file !== undefined && existsSync(file)) ?? null;
}

/** Limits are for hangs alone: the machine may be busy. */
const OPEN_MILLISECONDS = 120_000;

export async function startBrowser(executablePath: string): Promise<Browser> {
  const args = [
    ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    ...['--disable-component-update', '--disable-sync'],
  ];
  return chromium.launch({ executablePath, headless: true, args, timeout: OPEN_MILLISECONDS });
}

export interface WorkbenchOptions {
  /** Absolute path of the folder to open. */
  readonly folder: string;
  /** Absolute path of an extension to run from its sources' folder. */
  readonly development?: string;
  /** Absolute path of a module whose run() the extension host calls. */
  readonly tests?: string;
  /** Functions that the page can call. */
  readonly expose?: Readonly<Record<string, (...values: never[]) => unknown>>;
  readonly size?: { readonly width: number; readonly height: number };
}

/** Opens the workbench in a context of its own. */
export async function openWorkbench(
  browser: Browser,
  server: CodeServer,
  { folder, development, tests, expose = {}, size = { width: 1280, height: 800 } }: WorkbenchOptions,
): Promise<Page> {
  const context = await browser.newContext({ viewport: size });
  const page = await context.newPage();
  page.setDefaultTimeout(OPEN_MILLISECONDS);
  for (const [name, call] of Object.entries(expose)) await page.exposeFunction(name, call);
  const remote = (file: string): object => ({
    $mid: 1,
    scheme: 'vscode-remote',
    authority: server.authority,
    path: file,
  });
  const developmentOptions = {
    ...(development === undefined ? {} : { extensions: [remote(development)] }),
    ...(tests === undefined ? {} : { extensionTestsPath: remote(tests) }),
  };
  // Not by a routed request: Chromium blocks the WebSocket of a page that was answered in place. The workbench is a module
  // script and runs after "interactive", so its configuration in the page can be changed right then.
  await page.addInitScript(`document.addEventListener('readystatechange', () => {
    const meta = document.getElementById('vscode-workbench-web-configuration');
    if (!meta || document.readyState !== 'interactive') return;
    const configuration = JSON.parse(meta.getAttribute('data-settings'));
    Object.assign((configuration.developmentOptions ??= {}), ${JSON.stringify(developmentOptions)});
    meta.setAttribute('data-settings', JSON.stringify(configuration));
  })`);
  const opened = folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
  await page.goto(`${server.url}/?${opened}=${encodeURIComponent(folder)}`, { waitUntil: 'domcontentloaded' });
  await page.waitForSelector('.monaco-workbench .part.statusbar', { timeout: OPEN_MILLISECONDS });
  return page;
}

/**
 * Runs a command from the palette. A palette that opened before the extension registered does not learn of it, and one that opened
 * while another list was closing may be closed with it: asks again.
 */
export async function runCommand(page: Page, title: string, timeout = OPEN_MILLISECONDS): Promise<void> {
  const row = page.locator('.quick-input-widget .monaco-list-row', { hasText: title }).first();
  const deadline = Date.now() + timeout;
  for (;;) {
    await page.keyboard.press('F1');
    const input = page.locator('.quick-input-widget:visible input.input');
    const shown = await input
      .fill(`>${title}`, { timeout: 3_000 })
      .then(() => row.waitFor({ timeout: 3_000 }))
      .then(
        () => true,
        () => false,
      );
    if (shown) break;
    if (Date.now() > deadline) throw new Error(`The palette has no command "${title}".`);
    await page.keyboard.press('Escape');
  }
  await page.keyboard.press('Enter');
}

/** The document inside a webview panel. */
export function webviewFrame(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
}
