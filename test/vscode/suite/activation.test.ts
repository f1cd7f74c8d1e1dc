import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extension } from './extension.ts';
import { note } from './notes.ts';
import { imageFolder } from './services.ts';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe('Activation', () => {
  it('loads neither the library nor CLIP, until they are used', async () => {
    await extension().activate();
    assert.equal(libraryIsLoaded(), false); // the first test, in a workspace that was never indexed
    const spans = ['LoadExtensionCode', 'ActivateExtension'].map(span);
    note(`loading the extension's code and activate(): ${spans.map((time) => `${time.toFixed(0)} ms`).join(', ')}`);
    for (const time of spans) assert.ok(!(time > HANG), `${time} ms`);

    await (await imageFolder()).labelSets();
    assert.equal(libraryIsLoaded(), true, 'this test cannot detect loaded modules');
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
 * Time limit in milliseconds, only for hangs: even with the library and CLIP, loading takes less on an idle machine.
 * Another assertion checks that they are not loaded.
 */
const HANG = 10_000;

/** Whether the library is loaded into this process. Only the library loads the SQLite module of Node. */
function libraryIsLoaded(): boolean {
  // The list of loaded Node modules. The types do not include it.
  const { moduleLoadList } = process as NodeJS.Process & { readonly moduleLoadList?: readonly string[] };
  assert.ok(moduleLoadList && moduleLoadList.length > 0, 'Node does not list its modules');
  return moduleLoadList.includes('NativeModule sqlite');
}

/** Performance marks of the extension host, as "Developer: Startup Performance" shows them. */
interface HostMarks {
  readonly MonacoPerformanceMarks?: { getMarks(): readonly { readonly name: string; readonly startTime: number }[] };
}

/** Milliseconds between the two marks of the host for the extension; NaN if there are none. */
function span(what: string): number {
  const marks = (globalThis as HostMarks).MonacoPerformanceMarks?.getMarks() ?? [];
  const time = (when: string): number =>
    marks.find(({ name }) => name.startsWith(`code/extHost/${when}${what}/`) && name.includes(extension().id))
      ?.startTime ?? NaN;
  return time('did') - time('will');
}
