import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { DeviceReport } from '../../../src/clip/index.ts';
import { deviceLine } from '../../../src/providers/statusBar.ts';
import { tagWorkspace } from './extension.ts';
import { services } from './services.ts';

/** A provider that the runtime of this system lacks. */
const MISSING = process.platform === 'win32' ? 'coreml' : 'dml';

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
    // No user can close the message.
    vscode.window.showWarningMessage = (text: string): Thenable<undefined> => {
      messages.push(text);
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

  it('selects a GPU at once, or reports why there is none and what to do', async () => {
    await choose('gpu');
    // Mocha's timeout ends a hang; a probe may take a minute.
    for (;;) {
      const { verdict } = await report();
      if (verdict.device === 'gpu' || messages.length > 0) break;
      await sleep(100);
    }
    const { setting, verdict } = await report();
    assert.equal(setting, 'gpu');
    assert.equal(messages.length, verdict.device === 'gpu' ? 0 : 1, messages.join('\n'));
    for (const text of messages) {
      assert.match(text, /"gpu" of the setting assetlens\.device cannot be used: .*Choose "auto"/);
      assert.ok(text.includes(verdict.reason), text);
    }
  }).timeout(120_000);

  it('rejects a provider that this system lacks, and uses the processor', async () => {
    await choose(MISSING);
    while (messages.length === 0) await sleep(100);
    const { verdict } = await report();
    assert.equal(verdict.device, 'cpu');
    assert.equal(messages.length, 1, messages.join('\n'));
    assert.match(messages.join(), new RegExp(`"${MISSING}" of the setting.*cannot be used: .*The processor embeds`));
    const inference = await (await services()).inference();
    assert.equal((await inference.embedTexts(['a cat'])).length, inference.model.manifest.embeddingSize);
  });

  it('is shown with its result in the tooltip of the status bar and in the diagnostics', async () => {
    const { verdict } = await report();
    const line = await deviceLine(await (await services()).inference());
    assert.equal(line, `Device: CPU (${verdict.reason})`);
    const text = await diagnostics();
    for (const part of [`- setting: ${MISSING}`, '- images go to: cpu', `- because: ${verdict.reason}`]) {
      assert.ok(text.includes(part), `${part}\n${text}`);
    }
    await choose('cpu');
    while ((await report()).setting !== 'cpu') await sleep(20);
    assert.equal(messages.length, 0);
    // An open document is updated; mocha's timeout ends a hang.
    while (!/- setting: cpu\n- images go to: cpu, \d+ a run\n- because: /.test(await diagnostics())) await sleep(50);
  });
});
