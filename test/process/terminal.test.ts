import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startHub, type HubServer } from '../hub/hubServer.ts';
import { writeCheckpoint } from '../models/layouts.ts';
import { jsonLines, run } from './runCli.ts';
import { hasTerminal, runInTerminal, type TerminalRun } from './runInTerminal.ts';

/**
 * The sequences that the progress bar writes: hide or show the cursor, wrap lines or not, save or restore the position,
 * move within the line, and erase in the line.
 */
const OWN_SEQUENCES = /\x1b(?:[78]|\[(?:\?25[hl]|\?7[hl]|\d*G|[0-2]?K))/g;
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

/** Text in the names of files, labels and models that changes the terminal if it is printed raw. */
const ATTACKS = [
  '\x1b]0;owned\x07',
  '\x1b[2J\x1b[H',
  '\x9b2J',
  '\x1b[?1049h',
  'a\u202egnp.',
  'a\nFORGED line',
  'a\rFORGED line',
  'a\x7f\x08\x08b',
  'a\u200b\u2066b\u2028FORGED line',
];
const EVERYTHING = ATTACKS.join(' ');
const REPOSITORY = 'someone/small-clip';

describe('The terminal', function () {
  this.timeout(120_000);
  let root: string;
  let images: string;
  let labels: string;
  let checkpoint: string;
  let hub: HubServer;
  let environment: Record<string, string>;

  before(async function () {
    if (!hasTerminal()) this.skip();
    root = await mkdtemp(path.join(tmpdir(), 'assetlens-terminal-'));
    images = path.join(root, 'images');
    await mkdir(images);
    for (const [i, attack] of ATTACKS.entries()) {
      const body = `<rect width="${10 + i}" height="9" fill="red"/>`;
      await writeFile(
        path.join(images, `${i} ${attack}.svg`),
        `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24">${body}</svg>`,
      );
    }
    await writeFile(path.join(images, `bad ${EVERYTHING.slice(0, 60)}.png`), 'not an image');
    labels = path.join(root, 'labels.json');
    await writeFile(labels, JSON.stringify(ATTACKS.map((attack) => `label ${attack}`)));
    checkpoint = path.join(root, 'checkpoint');
    await writeCheckpoint(checkpoint);
    await writeFile(path.join(checkpoint, 'README.md'), `---\nlicense: ${JSON.stringify(EVERYTHING)}\n---\n`);
    const files = {
      'config.json': await readFile(path.join(checkpoint, 'config.json')),
      'README.md': Buffer.from('x'),
    };
    hub = await startHub({ [REPOSITORY]: { files, licence: EVERYTHING } });
    environment = {
      ...{ http_proxy: '', https_proxy: '', HTTP_PROXY: '', HTTPS_PROXY: '', HF_TOKEN: '', HF_HUB_CACHE: '' },
      ...{ HF_HUB_OFFLINE: '', HF_ENDPOINT: hub.endpoint, HF_HOME: path.join(root, 'cache') },
      ASSETLENS_MODELS: path.join(root, 'models'),
      ASSETLENS_INDEXES: path.join(root, 'indexes'),
    };
  });
  after(async () => {
    await (hub as HubServer | undefined)?.[Symbol.asyncDispose]();
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  const assertHarmless = ({ shown }: TerminalRun, command: string): void => {
    for (const line of shown.replace(OWN_SEQUENCES, '').split(/(?:\r)*\n/)) {
      const [control] = CONTROL.exec(line.replaceAll('\t', '')) ?? [];
      assert.equal(control, undefined, `${command} prints a control character in ${JSON.stringify(line)}`);
      assert.doesNotMatch(line, /^\s*FORGED/, `${command} prints a line that a name contains`);
    }
  };
  /** Runs a command and checks what it prints. */
  const harmless = async (code: number, ...args: readonly string[]): Promise<string> => {
    const result = await runInTerminal(args, environment);
    assert.equal(result.code, code, result.shown);
    assertHarmless(result, args.join(' '));
    assert.doesNotMatch(result.shown, /this is a bug/);
    return result.shown;
  };

  it('gets no control characters of file names and labels from "tag"', async () => {
    const shown = await harmless(0, 'tag', images, '--labels', labels, '--threshold', '0');
    assert.match(shown, /0 \\u001b\]0;owned\\u0007\.svg/);
    assert.match(shown, /label a\\u202egnp\./);
    assert.match(shown, /1 skipped/);
    assert.match(shown, /bad \\u001b.*\.png: \w/);
    await harmless(0, 'tag', images, '--labels', labels, '--threshold', '0', '--format', 'csv');
  });

  it('gets none from "search" and "similar", in each format', async () => {
    for (const format of ['table', 'csv', 'json']) {
      await harmless(0, 'search', images, `red ${EVERYTHING}`, '--threshold', '0', '--format', format);
      await harmless(0, 'similar', images, path.join(images, `4 ${ATTACKS[4] ?? ''}.svg`), '--format', format);
    }
  });

  it('gets none from "heatmap"', async () => {
    const image = path.join(images, `5 ${ATTACKS[5] ?? ''}.svg`);
    const output = path.join(root, `map ${ATTACKS[4] ?? ''}.png`);
    const shown = await harmless(0, 'heatmap', image, EVERYTHING, '-o', output);
    assert.match(shown, /Heatmap written to .*\\u202e/);
    await harmless(0, 'heatmap', image, EVERYTHING, '--json');
    await harmless(1, 'heatmap', path.join(images, `none ${EVERYTHING}`), 'x', '-o', output);
  });

  it('gets none from licences, manifests and names of models', async () => {
    const added = await harmless(0, 'models', 'add', checkpoint, '--name', 'hostile');
    assert.match(added, /licence .*\\u001b\]0;owned/);
    const broken = path.join(environment['ASSETLENS_MODELS'] ?? '', 'broken');
    await mkdir(broken);
    await writeFile(path.join(broken, 'manifest.json'), JSON.stringify({ [EVERYTHING]: EVERYTHING }));
    const list = await harmless(0, 'models');
    assert.match(list, /broken/);
    await harmless(0, 'models', 'list', '--json');
    await harmless(1, 'models', 'add', REPOSITORY);
    await harmless(1, 'models', 'add', `someone/${EVERYTHING}`, '--yes');
    await harmless(1, 'models', 'use', EVERYTHING);
    await harmless(1, 'models', 'remove', EVERYTHING);
    await harmless(1, 'tag', images, '--model', broken);
    await harmless(1, 'convert', path.join(root, EVERYTHING), path.join(root, 'out'));
  });

  it('gets none from "doctor"', async () => {
    await harmless(0, 'doctor', images, '--model', 'hostile', '--device', 'cpu');
    await harmless(1, 'doctor', path.join(root, EVERYTHING), '--model', EVERYTHING, '--device', 'cpu');
  });

  it('gets none from messages of errors and of wrong usage', async () => {
    const wrong = path.join(root, 'wrong.yaml');
    await writeFile(wrong, JSON.stringify({ labels: ['a', { name: 'b', [EVERYTHING]: 1 }], templates: EVERYTHING }));
    await harmless(1, 'tag', images, '--labels', wrong);
    await harmless(1, 'tag', path.join(root, EVERYTHING));
    await harmless(1, 'search', images, `"${EVERYTHING}`);
    await harmless(1, 'search', images, `+"${EVERYTHING.replaceAll('"', '')}.png"`);
    await harmless(1, 'similar', images, EVERYTHING);
  });

  it('is not the only reader: a pipe gets the exact paths as JSON and CSV', async () => {
    const all = ATTACKS.map((attack, i) => `${i} ${attack}.svg`).sort();
    const json = await run(['tag', images, '--labels', labels, '--json', '--quiet'], { environment });
    const paths = jsonLines(json.stdout).filter(({ error }) => error === undefined);
    assert.deepEqual(paths.map(({ path: file }) => file).sort(), all);
    assert.doesNotMatch(json.stdout.replaceAll('\n', ''), CONTROL);
    const csv = await run(['search', images, 'red', '--threshold', '0', '--format', 'csv'], { environment });
    for (const name of all) assert.ok(csv.stdout.includes(name), JSON.stringify(name));
  });
});
