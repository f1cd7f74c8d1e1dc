import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { tagWorkspace } from './extension.ts';

const NATIVE = /onnxruntime|sharp|vips/i;

describe('Native modules', () => {
  before(tagWorkspace);

  it('are not loaded in the extension host, not even after tagging', () => {
    assert.deepEqual(
      loadedLibraries().filter((file) => NATIVE.test(file)),
      [],
    );
  });

  it('are loaded in the inference process', function () {
    if (process.platform !== 'linux') this.skip();
    const libraries = descendants(process.pid).flatMap((pid) => mappedFiles(pid));
    assert.ok(
      libraries.some((file) => file.includes('onnxruntime_binding.node')),
      'no process has loaded onnxruntime',
    );
    assert.ok(
      libraries.some((file) => file.includes('sharp-linux')),
      'no process has loaded sharp',
    );
  });
});

/** The shared objects of this process, from the diagnostic report of Node. */
function loadedLibraries(): string[] {
  Object.assign(process.report, { excludeNetwork: true }); // its reverse look-ups take seconds
  const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] };
  assert.ok(sharedObjects.length > 0, 'the report lists no libraries at all');
  return sharedObjects;
}

/** The files that a process has mapped, from the table of Linux; none if the process has ended. */
function mappedFiles(pid: number): string[] {
  try {
    const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n');
    return [...new Set(lines.flatMap((line) => /\/.*$/.exec(line)?.[0] ?? []))];
  } catch {
    return [];
  }
}

function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const parent = /^PPid:\s*(\d+)$/m.exec(statusOf(entry))?.[1];
    if (parent !== undefined) parents.set(Number(entry), Number(parent));
  }
  const children = (of: number): number[] =>
    [...parents].flatMap(([child, parent]) => (parent === of ? [child, ...children(child)] : []));
  return children(pid);
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
