import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import type { Models } from '../models/models.ts';
import { SECTION } from '../settings.ts';
import { fileIn } from './fileIn.ts';
import { WorkspaceImageFolder, type ImageFile, type ImageFolder } from './imageFolder.ts';
import type { Log } from '../log.ts';

export type { FolderTags, ImageFile, ImageFolder } from './imageFolder.ts';

/** The workspace folders on the local disk. AssetLens ignores other folders. */
export interface ImageFolders extends Disposable {
  all(): readonly ImageFolder[];
  /** Returns the folder that contains a file, or undefined for a file outside the workspace. */
  locate(uri: vscode.Uri): ImageFile | undefined;
  /**
   * Fires when the index, the tags or the labels of a folder change; undefined for all folders, or the list of folders.
   */
  readonly onDidChange: vscode.Event<ImageFolder | undefined>;
  /** Fires when the index of a folder is opened. */
  readonly onDidOpen: vscode.Event<ImageFolder>;
  /** Invalidates the tags of a folder, or of all folders, and fires onDidChange. */
  changed(folder?: ImageFolder): void;
}

export class WorkspaceImageFolders implements ImageFolders {
  readonly #context: vscode.ExtensionContext;
  readonly #log: Log;
  readonly #models: Models;
  readonly #changed = new vscode.EventEmitter<ImageFolder | undefined>();
  readonly #opened = new vscode.EventEmitter<ImageFolder>();
  /** By URI. */
  readonly #folders = new Map<string, WorkspaceImageFolder>();
  readonly #subscriptions: vscode.Disposable;
  readonly onDidChange = this.#changed.event;
  readonly onDidOpen = this.#opened.event;

  constructor(context: vscode.ExtensionContext, log: Log, models: Models) {
    this.#context = context;
    this.#log = log;
    this.#models = models;
    const changed = (): void => {
      this.changed();
    };
    this.#subscriptions = vscode.Disposable.from(
      this.#changed,
      this.#opened,
      vscode.workspace.onDidChangeWorkspaceFolders(({ removed }) => {
        this.#close(removed);
        changed();
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(SECTION)) changed();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(changed), // the labels of the workspace apply from now on
    );
  }

  all(): WorkspaceImageFolder[] {
    const folders = vscode.workspace.workspaceFolders ?? [];
    return folders.filter(({ uri }) => uri.scheme === 'file').map((folder) => this.#folderOf(folder));
  }

  locate(uri: vscode.Uri): ImageFile | undefined {
    const workspaceFolder = uri.scheme === 'file' ? vscode.workspace.getWorkspaceFolder(uri) : undefined;
    return workspaceFolder && fileIn(this.#folderOf(workspaceFolder), uri);
  }

  changed(folder?: ImageFolder): void {
    for (const candidate of this.all()) if (!folder || candidate === folder) candidate.forgetTags();
    this.#changed.fire(folder);
  }

  dispose(): void {
    this.#subscriptions.dispose();
    for (const folder of this.#folders.values()) folder.dispose();
  }

  #folderOf(workspaceFolder: vscode.WorkspaceFolder): WorkspaceImageFolder {
    const key = workspaceFolder.uri.toString();
    const known = this.#folders.get(key);
    if (known) return known;
    const folder: WorkspaceImageFolder = new WorkspaceImageFolder({
      ...{ context: this.#context, log: this.#log, models: this.#models, workspaceFolder },
      onDidOpen: () => {
        this.#opened.fire(folder);
      },
    });
    this.#folders.set(key, folder);
    return folder;
  }

  #close(removed: readonly vscode.WorkspaceFolder[]): void {
    for (const { uri } of removed) {
      this.#folders.get(uri.toString())?.dispose();
      this.#folders.delete(uri.toString());
    }
  }
}
