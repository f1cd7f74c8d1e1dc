import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extension } from './extension.ts';
import { note } from './notes.ts';
import { imageFolder } from './services.ts';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe('Activation', () => {
  it('loads neither the library nor CLIP before they are used', async () => {
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
 * Milliseconds that only a hang exceeds: an idle machine loads even the library and CLIP in less. The test asserts by a
 * module that they use that they are not loaded.
 */
const HANG = 10_000;

/** Tells whether the library is loaded: only the library uses Node's SQLite module. */
function libraryIsLoaded(): boolean {
  // Node's list of its modules that are in use, which its types omit.
  const { moduleLoadList } = process as NodeJS.Process & { readonly moduleLoadList?: readonly string[] };
  assert.ok(moduleLoadList && moduleLoadList.length > 0, 'Node does not tell its modules');
  return moduleLoadList.includes('NativeModule sqlite');
}

/** The marks of the extension host, which "Developer: Startup Performance" shows. */
interface HostMarks {
  readonly MonacoPerformanceMarks?: { getMarks(): readonly { readonly name: string; readonly startTime: number }[] };
}

/** Returns the milliseconds between the host's two marks for the extension; NaN if there are none. */
function span(what: string): number {
  const marks = (globalThis as HostMarks).MonacoPerformanceMarks?.getMarks() ?? [];
  const time = (when: string): number =>
    marks.find(({ name }) => name.startsWith(`code/extHost/${when}${what}/`) && name.includes(extension().id))
      ?.startTime ?? NaN;
  return time('did') - time('will');
}
