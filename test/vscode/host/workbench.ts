import { chromium, type Browser, type FrameLocator, type Page } from 'playwright-core';
import type { Chromium } from '../../../tools/vscodeHost/browser.ts';
import type { CodeServer } from './codeServer.ts';

/** A limit for hangs only, because the machine may be busy. */
const OPEN_MILLISECONDS = 120_000;

export async function startBrowser({ executable, env }: Chromium): Promise<Browser> {
  const args = [
    ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    ...['--disable-component-update', '--disable-sync'],
  ];
  return chromium.launch({
    ...{ executablePath: executable, headless: true, args, timeout: OPEN_MILLISECONDS },
    env: { ...process.env, ...env },
  });
}

export interface WorkbenchOptions {
  /** The absolute path of the folder or workspace file to open. */
  readonly folder: string;
  /** The absolute path of an extension under development. */
  readonly development?: string;
  /** The absolute path of a module whose run() the extension host calls. */
  readonly tests?: string;
  /** Functions that the page can call. */
  readonly expose?: Readonly<Record<string, (...values: never[]) => unknown>>;
  readonly size?: { readonly width: number; readonly height: number };
  /** Pixels of a screenshot per CSS pixel. */
  readonly scale?: number;
}

/** Opens the workbench in a new browser context. */
export async function openWorkbench(
  browser: Browser,
  server: CodeServer,
  { folder, development, tests, expose = {}, size = { width: 1280, height: 800 }, scale = 1 }: WorkbenchOptions,
): Promise<Page> {
  const context = await browser.newContext({ viewport: size, deviceScaleFactor: scale });
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
  // The page's configuration is changed before the workbench, a module script, reads it. A routed request would be
  // simpler, but Chromium blocks the WebSocket of a page with a replaced response.
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
 * Runs a command from the palette. It opens the palette again as long as the command is missing: a palette does not
 * show commands that are registered after it opens, and closes together with a list that is closing.
 */
export async function runCommand(page: Page, title: string, timeout = OPEN_MILLISECONDS): Promise<void> {
  const row = page.locator('.quick-input-widget .monaco-list-row', { hasText: title }).first();
  const deadline = Date.now() + timeout;
  for (;;) {
    await page.keyboard.press('F1');
    const input = page.locator('.quick-input-widget:visible input.input');
    const isShown = await input
      .fill(`>${title}`, { timeout: 3_000 })
      .then(() => row.waitFor({ timeout: 3_000 }))
      .then(
        () => true,
        () => false,
      );
    if (isShown) break;
    if (Date.now() > deadline) throw new Error(`The palette has no command "${title}".`);
    await page.keyboard.press('Escape');
  }
  await page.keyboard.press('Enter');
}

/** The document inside a webview panel. */
export function webviewFrame(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
}
