import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { DeviceReport } from '../../../src/clip/index.ts';
import { deviceLine } from '../../../src/providers/statusBar.ts';
import { tagWorkspace } from './extension.ts';
import { services } from './services.ts';

/** A device that the runtime does not support on this system. */
const UNSUPPORTED = process.platform === 'win32' ? 'coreml' : 'dml';

function choose(device: string | undefined): Thenable<void> {
  return vscode.workspace.getConfiguration('assetlens').update('device', device, vscode.ConfigurationTarget.Global);
}

async function report(): Promise<DeviceReport> {
  return (await (await services()).inference()).device();
}

async function diagnostics(): Promise<string> {
  await vscode.commands.executeCommand('assetlens.showDiagnostics');
  const document = vscode.window.activeTextEditor?.document;
  assert.equal(document?.uri.scheme, 'assetlens-diagnostics');
  return document.getText();
}

describe('The setting assetlens.device', () => {
  const { showWarningMessage } = vscode.window;
  let messages: string[] = [];

  before(async () => {
    await tagWorkspace();
    // Nobody closes messages in a test. The summary of indexing is another message.
    vscode.window.showWarningMessage = (text: string): Thenable<undefined> => {
      if (text.includes('assetlens.device')) messages.push(text);
      return Promise.resolve(undefined);
    };
  });
  beforeEach(() => {
    messages = [];
  });
  after(async () => {
    vscode.window.showWarningMessage = showWarningMessage;
    await choose(undefined);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('tests GPUs immediately for "gpu", and reports why none is used and what to do', async () => {
    await choose('gpu');
    // A hang ends by mocha's limit; a probe may take a minute.
    for (;;) {
      const { verdict } = await report();
      if (verdict.device === 'gpu' || messages.length > 0) break;
      await sleep(100);
    }
    const { setting, verdict } = await report();
    assert.equal(setting, 'gpu');
    assert.equal(messages.length, verdict.device === 'gpu' ? 0 : 1, messages.join('\n'));
    for (const text of messages) {
      assert.match(text, /cannot use the device "gpu" of the setting assetlens\.device: .*Choose "auto"/);
      assert.ok(text.includes(verdict.reason), text);
    }
  }).timeout(120_000);

  it('reports a device that the system does not support, and embedding continues on the CPU', async () => {
    await choose(UNSUPPORTED);
    while (messages.length === 0) await sleep(100);
    const { verdict } = await report();
    assert.equal(verdict.device, 'cpu');
    assert.equal(messages.length, 1, messages.join('\n'));
    assert.match(
      messages.join(),
      new RegExp(`cannot use the device "${UNSUPPORTED}" of the setting.*AssetLens uses the CPU`),
    );
    const inference = await (await services()).inference();
    assert.equal((await inference.embedTexts(['a cat'])).length, inference.model.manifest.embeddingSize);
  });

  it('is shown with the device in use in the tooltip of the status bar and in the diagnostics', async () => {
    const { verdict } = await report();
    const line = await deviceLine(await (await services()).inference());
    assert.equal(line, `Device: CPU (${verdict.reason})`);
    const text = await diagnostics();
    for (const part of [`- setting: ${UNSUPPORTED}`, '- device in use: cpu', `- reason: ${verdict.reason}`]) {
      assert.ok(text.includes(part), `${part}\n${text}`);
    }
    await choose('cpu');
    while ((await report()).setting !== 'cpu') await sleep(20);
    assert.equal(messages.length, 0);
    // An open document is updated. A hang ends by mocha's limit.
    while (!/- setting: cpu\n- device in use: cpu, batch size \d+\n- reason: /.test(await diagnostics()))
      await sleep(50);
  });
});
