import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { emitter, InvalidMessage, type Message } from '../../base/rpc/message.ts';
import type { Emit, Handlers } from '../../base/rpc/protocol.ts';
import { RpcServer } from '../../base/rpc/server.ts';
import { UserError, messageOf } from '../../base/userError.ts';
import type { IndexerState } from '../../workspace/indexing/indexer.ts';
import { describeProgress } from '../../workspace/indexing/progressText.ts';
import { showWithLog } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { galleryContract, type Destination, type GalleryProtocol } from '../protocol.ts';
import { GalleryData } from './galleryData.ts';
import { galleryHandlers } from './galleryHandlers.ts';
import { PAGE_FOLDER, pageHtml } from './pageHtml.ts';

/** Changes within this time are reported to the page together. */
const CHANGED_MILLISECONDS = 250;

/** The gallery in its editor tab: it fills a webview panel, new or restored by the editor, and answers its page. */
export class GalleryPanel implements Disposable {
  readonly data: GalleryData;
  readonly panel: vscode.WebviewPanel;
  /** The methods that the page calls. */
  readonly handlers: Handlers<GalleryProtocol>;
  readonly #services: Services;
  readonly #server: RpcServer<GalleryProtocol>;
  readonly #emit: Emit<GalleryProtocol['serverEvents']>;
  readonly #subscriptions: vscode.Disposable;
  /** Whether a page receives messages. */
  #isPageReady = false;
  /** Shown as soon as the page is ready. */
  #destination: Destination | undefined;
  #changedTimer: NodeJS.Timeout | undefined;

  constructor(services: Services, panel: vscode.WebviewPanel) {
    const { context, indexer } = services;
    const { webview } = panel;
    const post = (message: Message): void => {
      // Not awaited: the promise resolves when the page is visible, and a hidden page asks again when it is shown.
      void webview.postMessage(message);
    };
    this.#services = services;
    this.panel = panel;
    this.data = new GalleryData(services);
    this.handlers = galleryHandlers(services, this.data);
    this.#emit = emitter<GalleryProtocol['serverEvents']>(post);
    this.#server = new RpcServer<GalleryProtocol>(post, {
      handlers: this.handlers,
      contract: galleryContract,
      onEvent: {
        ready: () => {
          this.#pageReady();
        },
        crash: (error) => {
          this.#pageCrashed(error);
        },
      },
      onError: (error, method) => this.#errorForPage(error, method),
    });
    panel.iconPath = vscode.Uri.joinPath(context.extensionUri, 'media/activitybar.svg');
    webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(context.extensionUri, PAGE_FOLDER)],
    };
    this.#subscriptions = vscode.Disposable.from(
      this.data,
      webview.onDidReceiveMessage((message) => {
        this.#server.receive(message);
      }),
      indexer.onDidChangeState((state) => {
        this.#emitIndexing(state);
      }),
      this.data.onDidChange(() => {
        this.#changedTimer ??= setTimeout(() => {
          this.#changedTimer = undefined;
          this.#emit('changed', null);
        }, CHANGED_MILLISECONDS);
      }),
      panel.onDidChangeViewState(() => {
        if (panel.visible) return;
        this.#isPageReady = false; // a hidden page is discarded, and loaded again when it is shown
        this.#server.reset();
      }),
      panel,
    );
    webview.html = pageHtml(webview, context.extensionUri);
  }

  /** Shows a place in the gallery, as soon as the page is ready. */
  show(destination: Destination): void {
    this.#destination = destination;
    this.#showDestination();
  }

  dispose(): void {
    clearTimeout(this.#changedTimer);
    this.#server.reset();
    this.#subscriptions.dispose();
  }

  #pageReady(): void {
    this.#server.reset(); // a page that was loaded again does not wait for the requests of the page before
    this.#isPageReady = true;
    this.#emitIndexing(this.#services.indexer.state);
    this.#showDestination();
  }

  #pageCrashed({ message, stack }: GalleryProtocol['clientEvents']['crash']): void {
    const { log } = this.#services;
    log.error(`The gallery's page: ${message}\n${stack}`);
    showWithLog(log, 'error', vscode.l10n.t('The gallery met an unexpected error: {0}', message));
  }

  #emitIndexing(state: IndexerState): void {
    this.#emit('indexing', state.kind === 'indexing' ? describeProgress(state) : null);
  }

  #showDestination(): void {
    if (!this.#isPageReady || !this.#destination) return;
    this.#emit('show', this.#destination);
    this.#destination = undefined;
  }

  /** The error that the page receives. A bug is logged, and the page receives a message about it. */
  #errorForPage(error: unknown, method: string | undefined): unknown {
    if (error instanceof UserError) return error;
    if (error instanceof vscode.CancellationError) return new DOMException(error.message, 'AbortError');
    const { log } = this.#services;
    if (error instanceof InvalidMessage) {
      log.error(`The gallery's page sent an invalid message. ${error.message}`);
      return new UserError(vscode.l10n.t('AssetLens could not read this request. It may be too long.'));
    }
    log.error(`The gallery called "${method ?? ''}": ${error instanceof Error ? (error.stack ?? '') : ''}`);
    return new UserError(vscode.l10n.t('AssetLens met an unexpected error: {0}', messageOf(error)));
  }
}
