import * as vscode from 'vscode';
import { prettifyError } from 'zod/mini';
import { UserError, messageOf } from '../../base/userError.ts';
import type { Disposable } from '../../base/disposable.ts';
import type { IndexerState } from '../../workspace/indexing/indexer.ts';
import { describeProgress } from '../../workspace/indexing/progressText.ts';
import { showWithLog } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { toPanelSchema, type Destination, type PageReplies, type PageRequest, type ToPage } from '../protocol.ts';
import { answer } from './answers.ts';
import { GalleryData } from './galleryData.ts';
import { PAGE_FOLDER, pageHtml } from './pageHtml.ts';

/** The gallery in its editor tab. */
export interface GalleryPanel extends Disposable {
  readonly data: GalleryData;
  readonly panel: vscode.WebviewPanel;
  /** Goes somewhere as soon as the page listens. */
  show(destination: Destination): void;
  /** What the page is told when it asks. */
  answer(request: PageRequest, signal: AbortSignal): Promise<PageReplies[PageRequest['kind']]>;
}

/** Changes that come one after the other are told together. */
const CHANGED_MILLISECONDS = 250;

/** Fills a panel, a new one or one that the editor brings back, and answers its page for as long as it is there. */
export function fillPanel(services: Services, panel: vscode.WebviewPanel): GalleryPanel {
  const { log, context, indexer } = services;
  const { webview } = panel;
  const data = new GalleryData(services);
  const running = new Map<number, AbortController>();
  let listens = false;
  let waiting: Destination | undefined;
  let timer: NodeJS.Timeout | undefined;

  const send = (message: ToPage): void => {
    // Not awaited: the editor answers when the page is visible, and a page that is hidden asks anew when it comes back.
    void webview.postMessage(message);
  };
  const sendIndexing = (state: IndexerState): void => {
    send({ type: 'indexing', progress: state.kind === 'indexing' ? describeProgress(state) : null });
  };
  const goThere = (): void => {
    if (!listens || !waiting) return;
    send({ type: 'show', destination: waiting });
    waiting = undefined;
  };
  const stopAll = (): void => {
    for (const controller of running.values()) controller.abort();
    running.clear();
  };

  const answered: GalleryPanel['answer'] = (request, signal) => answer(services, data, request, signal);
  const reply = async (number: number, request: PageRequest): Promise<void> => {
    const controller = new AbortController();
    running.set(number, controller);
    try {
      const value = await answered(request, controller.signal);
      if (!controller.signal.aborted) send({ type: 'reply', number, value });
    } catch (error) {
      // The page knows what it cancelled; the next page, whose numbers begin anew, must not hear of it.
      if (controller.signal.aborted) return;
      send({ type: 'failure', number, ...failureOf(log, request, error) });
    } finally {
      if (running.get(number) === controller) running.delete(number);
    }
  };

  const receive = (message: unknown): void => {
    const parsed = toPanelSchema.safeParse(message);
    if (!parsed.success) {
      log.error(`The gallery's page said what it may not: ${prettifyError(parsed.error)}`);
      const number = numberOf(message);
      const refused = vscode.l10n.t('This was not understood; it may be too long.');
      if (number !== undefined) send({ type: 'failure', number, message: refused, cancelled: false });
      return;
    }
    const said = parsed.data;
    switch (said.type) {
      case 'ready':
        stopAll(); // a page that was loaded anew waits for nothing that the one before had asked
        listens = true;
        sendIndexing(indexer.state);
        goThere();
        return;
      case 'request':
        void reply(said.number, said.request);
        return;
      case 'cancel':
        running.get(said.number)?.abort();
        return;
      case 'crash':
        log.error(`The gallery's page: ${said.message}\n${said.stack}`);
        showWithLog(log, 'error', vscode.l10n.t('The gallery met an unexpected error: {0}', said.message));
        return;
    }
  };

  panel.iconPath = vscode.Uri.joinPath(context.extensionUri, 'media/activitybar.svg');
  webview.options = {
    enableScripts: true,
    localResourceRoots: [vscode.Uri.joinPath(context.extensionUri, PAGE_FOLDER)],
  };
  const subscriptions = vscode.Disposable.from(
    data,
    webview.onDidReceiveMessage(receive),
    indexer.onDidChangeState(sendIndexing),
    data.onDidChange(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        send({ type: 'changed' });
      }, CHANGED_MILLISECONDS);
    }),
    panel.onDidChangeViewState(() => {
      if (panel.visible) return;
      listens = false; // its page is gone, and is loaded anew when it is shown again
      stopAll();
    }),
    panel,
  );
  webview.html = pageHtml(webview, context.extensionUri);

  return {
    data,
    panel,
    show(destination) {
      waiting = destination;
      goThere();
    },
    answer: answered,
    dispose() {
      clearTimeout(timer);
      stopAll();
      subscriptions.dispose();
    },
  };
}

/** What the page is told of an error: for people as it is, of a bug that there was one; the log has the rest. */
function failureOf(
  log: vscode.LogOutputChannel,
  request: PageRequest,
  error: unknown,
): { message: string; cancelled: boolean } {
  if (error instanceof vscode.CancellationError) return { message: '', cancelled: true };
  if (error instanceof UserError) return { message: error.message, cancelled: false };
  log.error(`The gallery asked for "${request.kind}": ${error instanceof Error ? (error.stack ?? '') : ''}`);
  return {
    message: vscode.l10n.t('AssetLens met an unexpected error: {0}', messageOf(error)),
    cancelled: false,
  };
}

/** Of a request that is none, so that the page does not wait for ever. */
function numberOf(message: unknown): number | undefined {
  if (typeof message !== 'object' || message === null || !('number' in message)) return undefined;
  return Number.isSafeInteger(message.number) ? (message.number as number) : undefined;
}
