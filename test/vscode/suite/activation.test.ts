import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extension } from './extension.ts';
import { note } from './notes.ts';
import { imageFolder } from './services.ts';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe('Activation', () => {
  it('composes only: the library and CLIP are loaded when they are used', async () => {
    await extension().activate();
    assert.equal(libraryIsLoaded(), false); // the first test, in a workspace that was never indexed
    const spans = ['LoadExtensionCode', 'ActivateExtension'].map(span);
    note(`loading the extension's code and activate(): ${spans.map((time) => `${time.toFixed(0)} ms`).join(', ')}`);
    for (const time of spans) assert.ok(!(time > HANG), `${time} ms`);

    await (await imageFolder()).labelSets();
    assert.equal(libraryIsLoaded(), true, 'this test does not see what is loaded');
  });

  it('registers every command of the manifest', async () => {
    await extension().activate();
    const registered = new Set(await vscode.commands.getCommands(true));
    const { commands } = (extension().packageJSON as Manifest).contributes;
    assert.deepEqual(
      commands.map(({ command }) => command).filter((command) => !registered.has(command)),
      [],
    );
    assert.ok(commands.length > 0);
  });
});

/**
 * Milliseconds, for hangs alone: loading the library and CLIP, too, takes less on an idle machine. That they are not loaded is
 * asserted by what they bring.
 */
const HANG = 10_000;

/** Whether the library's code was loaded into this process: it alone opens SQLite by Node's module. */
function libraryIsLoaded(): boolean {
  // Node's own list of its modules that are in use; its types leave it out.
  const { moduleLoadList } = process as NodeJS.Process & { readonly moduleLoadList?: readonly string[] };
  assert.ok(moduleLoadList && moduleLoadList.length > 0, 'Node does not tell its modules');
  return moduleLoadList.includes('NativeModule sqlite');
}

/** Marks that the extension host keeps, as "Developer: Startup Performance" shows them. */
interface HostMarks {
  readonly MonacoPerformanceMarks?: { getMarks(): readonly { readonly name: string; readonly startTime: number }[] };
}

/** Milliseconds between the host's two marks for the extension; NaN where it keeps none. */
function span(what: string): number {
  const marks = (globalThis as HostMarks).MonacoPerformanceMarks?.getMarks() ?? [];
  const time = (when: string): number =>
    marks.find(({ name }) => name.startsWith(`code/extHost/${when}${what}/`) && name.includes(extension().id))
      ?.startTime ?? NaN;
  return time('did') - time('will');
}
