import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { DeviceReport } from '../../../src/clip/index.ts';
import { deviceLine } from '../../../src/providers/statusBar.ts';
import { tagWorkspace } from './extension.ts';
import { services } from './services.ts';

/** One that this system's runtime does not have. */
const FOREIGN = process.platform === 'win32' ? 'coreml' : 'dml';

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

describe('The setting of the device', () => {
  const { showWarningMessage } = vscode.window;
  let said: string[] = [];

  before(async () => {
    await tagWorkspace();
    // Nobody sits there who could close it.
    vscode.window.showWarningMessage = (text: string): Thenable<undefined> => {
      said.push(text);
      return Promise.resolve(undefined);
    };
  });
  beforeEach(() => {
    said = [];
  });
  after(async () => {
    vscode.window.showWarningMessage = showWarningMessage;
    await choose(undefined);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('that asks for a GPU is heeded at once: there is one, or it is said why not and what to do', async () => {
    await choose('gpu');
    // A hang ends by mocha's limit; a probe may take a minute.
    for (;;) {
      const { verdict } = await report();
      if (verdict.device === 'gpu' || said.length > 0) break;
      await sleep(100);
    }
    const { setting, verdict } = await report();
    assert.equal(setting, 'gpu');
    assert.equal(said.length, verdict.device === 'gpu' ? 0 : 1, said.join('\n'));
    for (const text of said) {
      assert.match(text, /cannot use the device "gpu" of the setting assetlens\.device: .*Choose "auto"/);
      assert.ok(text.includes(verdict.reason), text);
    }
  }).timeout(120_000);

  it('that names what this system does not have is refused, and images are embedded all the same', async () => {
    await choose(FOREIGN);
    while (said.length === 0) await sleep(100);
    const { verdict } = await report();
    assert.equal(verdict.device, 'cpu');
    assert.equal(said.length, 1, said.join('\n'));
    assert.match(said.join(), new RegExp(`cannot use the device "${FOREIGN}" of the setting.*: .*uses the CPU`));
    const inference = await (await services()).inference();
    assert.equal((await inference.embedTexts(['a cat'])).length, inference.model.manifest.embeddingSize);
  });

  it('and what came of it stand in the tooltip of the status bar and in the diagnostics', async () => {
    const { verdict } = await report();
    const line = await deviceLine(await (await services()).inference());
    assert.equal(line, `Device: CPU (${verdict.reason})`);
    const text = await diagnostics();
    for (const part of [`- setting: ${FOREIGN}`, '- images go to: cpu', `- because: ${verdict.reason}`]) {
      assert.ok(text.includes(part), `${part}\n${text}`);
    }
    await choose('cpu');
    while ((await report()).setting !== 'cpu') await sleep(20);
    assert.equal(said.length, 0);
    // One that is open is told anew; a hang ends by mocha's limit.
    while (!/- setting: cpu\n- images go to: cpu, \d+ a run\n- because: /.test(await diagnostics())) await sleep(50);
  });
});
