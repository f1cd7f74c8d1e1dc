import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extension } from './extension.ts';
import { note } from './notes.ts';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe('Activation', () => {
  it('happens at the first use, and composes only', async () => {
    await extension().activate();
    note(`loading the extension's code: ${span('LoadExtensionCode')} ms, activate(): ${span('ActivateExtension')} ms`);
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

/** Marks that the extension host keeps, as "Developer: Startup Performance" shows them. */
interface HostMarks {
  readonly MonacoPerformanceMarks?: { getMarks(): readonly { readonly name: string; readonly startTime: number }[] };
}

/** Milliseconds between the host's two marks for the extension. */
function span(what: string): string {
  const marks = (globalThis as HostMarks).MonacoPerformanceMarks?.getMarks() ?? [];
  const time = (when: string): number =>
    marks.find(({ name }) => name.startsWith(`code/extHost/${when}${what}/`) && name.includes(extension().id))
      ?.startTime ?? NaN;
  return (time('did') - time('will')).toFixed(0);
}
