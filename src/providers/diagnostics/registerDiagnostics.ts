import os from 'node:os';
import * as vscode from 'vscode';
import type { ModelManifest } from '../../clip/index.ts';
import { memorySize } from '../../base/format.ts';
import { messageOf } from '../../base/userError.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { readDevice, readSettings } from '../../workspace/settings.ts';
import { diagnosticsText, type Diagnostics } from './diagnosticsText.ts';

const SCHEME = 'assetlens-diagnostics';
const DOCUMENT = vscode.Uri.from({ scheme: SCHEME, path: 'AssetLens diagnostics.md' });

/** Registers "Show Diagnostics", which opens a read-only document about this installation. */
export function registerDiagnostics(services: Services): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  return vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent: async () => diagnosticsText(await gather(services)),
    }),
    vscode.commands.registerCommand('assetlens.showDiagnostics', () =>
      reportErrors(services.log, async () => {
        changed.fire(DOCUMENT); // updates an open document
        await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(DOCUMENT), { preview: true });
      }),
    ),
  );
}

async function gather(services: Services): Promise<Diagnostics> {
  const inference = await services.inference();
  const { include, exclude, templates, ...rest } = readSettings();
  return {
    versions: {
      AssetLens: String((services.context.extension.packageJSON as { readonly version: unknown }).version),
      [vscode.env.appName]: vscode.version,
      Node: process.version,
      system: `${process.platform}-${process.arch} ${os.release()}`,
      remote: vscode.env.remoteName ?? 'no',
      CPU: `${os.cpus()[0]?.model.trim() ?? 'unknown'}, ${os.availableParallelism()} threads`,
      memory: `${memorySize(os.freemem())} of ${memorySize(os.totalmem())} free`,
    },
    model: describeModel(inference.model.manifest),
    process: await inference.describe().catch(problem),
    device: await inference.device().catch(problem),
    folders: await Promise.all(services.folders.all().map(describeFolder)),
    settings: {
      device: readDevice(),
      templates: typeof templates === 'string' ? templates : `${templates.length} custom templates`,
      threshold: rest.threshold,
      labels: rest.labels === null ? 'default' : 'custom',
      include: `${include.length} globs`,
      exclude: `${exclude.length} globs`,
      keepUpToDate: rest.keepUpToDate,
      hover: rest.hover,
      decorations: rest.decorations,
    },
    home: os.homedir(),
  };
}

function describeModel({ name, id, precision, embeddingSize, image, calibration, logitBias }: ModelManifest) {
  return {
    name,
    id,
    precision,
    dimensions: String(embeddingSize),
    'image size': `${image.size} px`,
    confidences:
      calibration !== null
        ? 'calibrated'
        : logitBias !== undefined
          ? 'from the training of the model'
          : 'not calibrated',
  };
}

async function describeFolder(
  folder: ReturnType<Services['folders']['all']>[number],
): Promise<Diagnostics['folders'][number]> {
  const { name } = folder;
  if (!(await folder.hasIndex())) return { name, index: null };
  const { countImages, describeIndex } = await import('../../library/index.ts');
  return folder.withLibrary(async (library) => {
    const { files, blobs, failures } = countImages(library);
    const { indexFile: file, readOnly } = library;
    return { name, index: { file, readOnly, images: files, blobs, failures, ...(await describeIndex(library)) } };
  });
}

function problem(error: unknown): { readonly problem: string } {
  return { problem: messageOf(error) };
}
