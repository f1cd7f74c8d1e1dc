import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { readIconSet, svgOf } from '../../tools/shared/iconSets.ts';
import { jsonLines, run } from './runCli.ts';

const root = path.resolve(import.meta.dirname, '../..');
const svg = (body: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 48 48">${body}</svg>`;
const heart = svg('<path fill="#e33" d="M24 42 6 24a10 10 0 0 1 18-10 10 10 0 0 1 18 10z"/>');
const envelope = svg(
  '<rect x="4" y="10" width="40" height="28" fill="#fc6"/><path d="M4 10 24 28 44 10" fill="none" stroke="#a60" stroke-width="3"/>',
);
const star = svg('<path fill="#fb0" d="m24 4 6 13 14 2-10 10 2 15-12-7-12 7 2-15L4 19l14-2z"/>');

/** Waits until an index that another process writes has so many embeddings. */
async function embeddingsIn(index: string, count: number): Promise<void> {
  for (let attempt = 0; attempt < 2000; attempt++) {
    await sleep(10);
    if (!existsSync(index)) continue;
    const database = new DatabaseSync(index, { readOnly: true });
    try {
      const { stored } = database.prepare('SELECT COUNT(*) AS stored FROM embeddings').get() as { stored: number };
      if (stored >= count) return;
    } catch {
      // The other process is creating the tables.
    } finally {
      database.close();
    }
  }
}

describe('the command line', function () {
  this.timeout(120_000);
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'assets äöü 图像 '));
    await mkdir(path.join(folder, 'sub folder'));
    await writeFile(path.join(folder, 'a.svg'), heart);
    await writeFile(path.join(folder, 'b.svg'), envelope);
    await writeFile(path.join(folder, 'sub folder', 'ünï "quoted"\nname.svg'), star);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('tags every image, and prints only one JSON object per line with --json', async () => {
    const labels = path.join(folder, 'labels.yaml');
    await writeFile(labels, '- heart\n- envelope\n- name: star\n  synonyms: [favourite]\n');
    const { code, stdout } = await run(['tag', folder, '--labels', labels, '--json', '--top', '1', '--threshold', '0']);
    assert.equal(code, 0);
    const found = new Map(
      jsonLines(stdout).map(({ path: file, tags }) => [file, tags as { label: string; score: number }[]]),
    );
    assert.deepEqual([...found.keys()].sort(), ['a.svg', 'b.svg', 'sub folder/ünï "quoted"\nname.svg']);
    assert.equal(found.get('a.svg')?.[0]?.label, 'heart');
    assert.equal(found.get('b.svg')?.[0]?.label, 'envelope');
    assert.equal(found.get('sub folder/ünï "quoted"\nname.svg')?.[0]?.label, 'star');
    for (const tags of found.values()) {
      assert.equal(tags.length, 1);
      for (const { score } of tags) assert.ok(score >= 0 && score <= 1);
    }
  });

  it('tags arrows as arrows in a folder that contains only arrows', async () => {
    const { icons } = await readIconSet('bi');
    const arrows = Object.keys(icons)
      .filter((id) => id.startsWith('arrow-'))
      .slice(0, 40);
    const only = path.join(folder, 'arrows');
    await mkdir(only);
    for (const id of arrows) await writeFile(path.join(only, `${id}.svg`), svgOf({ icons }, id));
    const { stdout } = await run(['tag', only, '--json']);
    const tagged = jsonLines(stdout).filter(({ tags }) =>
      (tags as { label: string }[]).some(({ label }) => label === 'arrow'),
    );
    assert.ok(tagged.length > arrows.length / 2, `${tagged.length} of ${arrows.length}`);
  });

  it('lists maybe labels only with --maybe, apart from the tags', async () => {
    const labels = path.join(folder, 'labels.yaml');
    await writeFile(labels, '- { name: heart, threshold: 0.99999 }\n- { name: envelope, threshold: 0 }\n');
    const tagged = async (...more: string[]): Promise<Record<string, unknown>> => {
      const { stdout } = await run(['tag', folder, '--include', 'a.svg', '--labels', labels, '--json', ...more]);
      return jsonLines(stdout)[0] ?? {};
    };
    const labelsOf = (tags: unknown): string[] => (tags as { label: string }[]).map(({ label }) => label);
    const plain = await tagged();
    assert.deepEqual([labelsOf(plain['tags']), 'maybe' in plain], [['envelope'], false]);
    const all = await tagged('--maybe');
    assert.deepEqual([labelsOf(all['tags']), labelsOf(all['maybe'])], [['envelope'], ['heart']]);
  });

  it('searches by text, and prints the best match first', async () => {
    const { code, stdout } = await run(['search', folder, 'mail envelope', '--json']);
    assert.equal(code, 0);
    const results = jsonLines(stdout);
    assert.equal(results[0]?.['path'], 'b.svg');
    const scores = results.map(({ score }) => score as number);
    assert.deepEqual(
      scores,
      scores.toSorted((a, b) => b - a),
    );
  });

  it('finds similar images, and omits the image itself', async () => {
    await copyFile(path.join(folder, 'a.svg'), path.join(folder, 'copy.svg'));
    const { stdout } = await run(['similar', folder, path.join(folder, 'a.svg'), '--json']);
    const results = jsonLines(stdout);
    assert.equal(results[0]?.['path'], 'copy.svg');
    assert.ok(Number(results[0]['score']) > 0.999);
    assert.ok(!results.some(({ path: file }) => file === 'a.svg'));
  });

  it('reports each bad image with a reason, tags the others, and exits with 0', async () => {
    const png = await readFile(path.join(root, 'media/icon.png'));
    await writeFile(path.join(folder, 'truncated.png'), png.subarray(0, png.length / 2));
    await writeFile(path.join(folder, 'empty.png'), '');
    await writeFile(path.join(folder, 'text.jpg'), 'this is not a picture');
    await writeFile(path.join(folder, 'lying.jpg'), png); // the content is a PNG, which is tagged
    const { code, stdout, stderr } = await run(['tag', folder, '--json']);
    assert.equal(code, 0);
    const errors = new Map(
      jsonLines(stdout)
        .filter((o) => 'error' in o)
        .map((o) => [o['path'], o['error']]),
    );
    assert.deepEqual([...errors.keys()].sort(), ['empty.png', 'text.jpg', 'truncated.png']);
    for (const reason of errors.values()) assert.match(String(reason), /\w{4}/);
    assert.ok(jsonLines(stdout).some((o) => o['path'] === 'lying.jpg' && 'tags' in o));
    assert.match(stderr, /3 skipped/);
  });

  it('tries an unchanged bad image again only with --retry-failed', async () => {
    const file = path.join(folder, 'a.svg');
    await writeFile(file, heart.replace('</svg>', '</svq>'));
    await utimes(file, 1, 1);
    assert.match((await run(['tag', folder])).stderr, /1 skipped/);
    await writeFile(file, heart);
    await utimes(file, 1, 1);
    assert.match((await run(['tag', folder])).stderr, /1 skipped/);
    assert.doesNotMatch((await run(['tag', folder, '--retry-failed'])).stderr, /skipped/);
  });

  it('converts into an empty folder, and replaces a model only with --force', async () => {
    const fixture = path.join(root, 'test/parity/fixtures/encoders/transformers-quickgelu');
    const out = path.join(folder, 'model');
    await mkdir(out);
    assert.equal((await run(['convert', fixture, out])).code, 0);
    const again = await run(['convert', fixture, out]);
    assert.deepEqual([again.code, again.stderr.includes('Pass --force')], [1, true]);
    assert.equal((await run(['convert', fixture, out, '--force'])).code, 0);
    const occupied = await run(['convert', fixture, folder, '--force']);
    assert.deepEqual([occupied.code, occupied.stderr.includes('contains other files')], [1, true]);
  });

  it('embeds nothing twice', async () => {
    assert.match((await run(['tag', folder])).stderr, /3 embedded/);
    const again = (await run(['tag', folder])).stderr;
    assert.match(again, /3 unchanged/);
    assert.doesNotMatch(again, /embedded/);
  });

  it('prints a table by default, and CSV with --format csv', async () => {
    const { stdout: table } = await run(['tag', folder]);
    assert.match(table, /image\s+labels/);
    assert.match(table, /label\s+images\s+best matches/);
    assert.match(table, /ünï "quoted"\\nname\.svg/); // a newline in a name is escaped
    const { stdout: csv } = await run(['search', folder, 'heart', '--format', 'csv']);
    assert.match(csv, /^path,score,likely,basis,copies\n/);
    assert.match(csv, /"sub folder\/ünï ""quoted""\nname\.svg",0/);
  });

  it('reports the errors of a labels file by line before it reads images', async () => {
    const labels = path.join(folder, 'labels.yaml');
    await writeFile(labels, '- heart\n- name: star\n  threshold: 3\n- nme: cloud\n');
    const { code, stdout, stderr } = await run(['tag', folder, '--labels', labels, '--json']);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /line 3.*threshold/i);
    assert.match(stderr, /line 4.*nme/i);
  });

  it('exits with 1 if it fails, and prints what to do', async () => {
    const empty = path.join(folder, 'sub folder 2');
    await mkdir(empty);
    const cases: [string[], RegExp][] = [
      [['tag', empty], /No images in/],
      [['tag', path.join(folder, 'nowhere')], /nowhere.*Check the path/s],
      [['search', folder, '"unclosed'], /quote is not closed/],
      [['tag', folder, '--model', empty], /No model in/],
      [['convert', empty, path.join(folder, 'out')], /safetensors/],
      [['similar', folder, 'nothing.png'], /no image/],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await run(args);
      assert.equal(code, 1, `${args.join(' ')}\n${stderr}`);
      assert.equal(stdout, '');
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /this is a bug/);
    }
  });

  it('exits with 2 for wrong usage', async () => {
    for (const args of [['tag'], ['tag', folder, '--top', '0'], ['nonsense'], ['tag', folder, '--format', 'xml']]) {
      assert.equal((await run(args)).code, 2, args.join(' '));
    }
    assert.equal((await run(['--help'])).code, 0);
  });

  it('keeps the indexed images when it is interrupted, and continues from there', async () => {
    for (let i = 0; i < 3000; i++) {
      const body = `<circle cx="${10 + (i % 28)}" cy="${10 + (i % 27)}" r="${4 + (i % 11)}" fill="#${String(i).padStart(6, '0')}"/>`;
      await writeFile(path.join(folder, `${i}.svg`), svg(body));
    }
    const index = path.join(folder, 'index.db');
    const command = ['tag', folder, '--json', '--index', index];
    const { code, stderr } = await run(command, { interruptAfter: embeddingsIn(index, 200) });
    assert.equal(code, 130, stderr);
    assert.match(stderr, /Interrupted/);
    const { code: second, stderr: report } = await run(command);
    assert.equal(second, 0);
    assert.match(report, /[1-9]\d* unchanged/);
  });

  it('prints only images that --include and --exclude select, and keeps the others in the index', async () => {
    assert.match((await run(['tag', folder])).stderr, /3 embedded/);
    const only = ['--include', 'a.*'];
    const paths = (stdout: string): unknown[] => jsonLines(stdout).map(({ path: file }) => file);
    assert.deepEqual(paths((await run(['tag', folder, '--json', ...only])).stdout), ['a.svg']);
    assert.deepEqual(paths((await run(['search', folder, 'star', '--json', ...only])).stdout), ['a.svg']);
    const similar = await run(['similar', folder, 'a.svg', '--json', '--exclude', 'sub folder/**']);
    assert.deepEqual(paths(similar.stdout), ['b.svg']);
    const all = await run(['tag', folder, '--json']);
    assert.equal(jsonLines(all.stdout).length, 3);
    assert.match(all.stderr, /3 unchanged/);
  });

  describe('on a machine without a GPU', () => {
    // The commands neither touch the user's cache nor, on Linux, find a GPU of the machine.
    const withoutGpu = () => ({
      ...{ XDG_CACHE_HOME: path.join(folder, 'cache'), LOCALAPPDATA: path.join(folder, 'cache') },
      ...{ VK_DRIVER_FILES: path.join(folder, 'none.json'), VK_ICD_FILENAMES: path.join(folder, 'none.json') },
    });

    it('reports no problem with "doctor"', async () => {
      const { code, stdout } = await run(['doctor'], { environment: withoutGpu() });
      assert.equal(code, 0, stdout);
      assert.match(stdout, /image encoder\s+loads in/);
      assert.match(stdout, /device\s+\w+/);
      assert.match(stdout, /indexes\s+\d+ in \S/);
      assert.match(
        stdout,
        /heatmaps\s+\d+ ms each; slidingWindow \(where\), slidingWindow \(why\), because the dense branch/,
      );
    });

    it('prints the device and all checks as one JSON object with "doctor --json"', async () => {
      const { code, stdout } = await run(['doctor', '--json', '--device', 'cpu'], { environment: withoutGpu() });
      assert.equal(code, 0, stdout);
      const [report = {}, ...others] = jsonLines(stdout);
      assert.deepEqual(others, []);
      assert.ok((report['checks'] as { ok: boolean }[]).every(({ ok }) => ok));
      const { setting, verdict } = report['device'] as { setting: string; verdict: { provider: string } };
      assert.deepEqual([setting, verdict.provider], ['cpu', 'cpu']);
    });

    it('warns that the chosen device is missing, and uses the CPU', async function () {
      if (process.platform === 'win32') this.skip(); // Windows may have a GPU, which this test must not try
      const missing = await run(['tag', folder, '--json', '--device', 'dml'], { environment: withoutGpu() });
      assert.equal(missing.code, 0, missing.stderr);
      assert.equal(jsonLines(missing.stdout).length, 3);
      assert.match(missing.stderr, /--device dml cannot be used: .*no DirectML.*Using the CPU/);
      const unknown = await run(['tag', folder, '--device', 'abacus']);
      assert.equal(unknown.code, 2);
    });
  });
});
