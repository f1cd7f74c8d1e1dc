import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extension } from './extension.ts';
import { note } from './notes.ts';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe('Activation', () => {
  it('happens at the first use, and composes only', async () => {
    const start = performance.now();
    await extension().activate();
    note(`activation: ${(performance.now() - start).toFixed(1)} ms`);
    assert.ok(extension().isActive);
  });

  it('registers every command of the manifest', async () => {
    await extension().activate();
    const registered = new Set(await vscode.commands.getCommands(true));
    const { commands } = (extension().packageJSON as Manifest).contributes;
    assert.deepEqual(commands.map(({ command }) => command).filter((command) => !registered.has(command)), []); // prettier-ignore
    assert.ok(commands.length > 0);
  });
});
