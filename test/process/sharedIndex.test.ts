import assert from 'node:assert/strict';
import { chmod, chown, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Inference } from '../../src/clip/index.ts';
import { countImages, imageAt, listImages, openLibrary, setManualTags, updateIndex } from '../../src/library/index.ts';
import { bundledInference } from './bundledModel.ts';
import { jsonLines, run, type Run } from './runCli.ts';

const IMAGES = 120;
/** The user "nobody". */
const NOBODY = 65534;

const svg = (i: number): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"><circle cx="${10 + (i % 28)}" cy="${10 + (i % 27)}" r="${4 + (i % 11)}" fill="#${String(i).padStart(6, '0')}"/></svg>`;

/** The command line and a library that is opened as the editor opens it. */
describe('the index that the command line and the editor share', function () {
  this.timeout(120_000);
  let folder: string;
  let environment: Record<string, string>;
  let earlier: string | undefined;
  let inference: Inference;

  before(async () => {
    inference = await bundledInference();
  });
  after(() => inference[Symbol.asyncDispose]());
  beforeEach(async () => {
    const root = await realpath(await mkdtemp(path.join(tmpdir(), 'assetlens shared ')));
    folder = path.join(root, 'images');
    environment = { ASSETLENS_INDEXES: path.join(root, 'indexes') };
    earlier = process.env['ASSETLENS_INDEXES'];
    process.env['ASSETLENS_INDEXES'] = environment['ASSETLENS_INDEXES'];
    await mkdir(folder);
    for (let i = 0; i < IMAGES; i++) await writeFile(path.join(folder, `${i}.svg`), svg(i));
  });
  afterEach(async () => {
    if (earlier === undefined) delete process.env['ASSETLENS_INDEXES'];
    else process.env['ASSETLENS_INDEXES'] = earlier;
    await rm(path.dirname(folder), { recursive: true, force: true });
  });

  const numberIn = (report: Run, what: string): number =>
    Number(new RegExp(`(\\d+) ${what}`).exec(report.stderr)?.[1] ?? 0);

  it('gets each image once from two simultaneous commands, and an open editor shows the images', async () => {
    await using editor = await openLibrary({ root: folder, inference });
    const before = editor.version();
    assert.equal(countImages(editor).files, 0);
    const commands = Promise.all([
      run(['tag', folder, '--json'], { environment }),
      run(['search', folder, 'circle', '--json', '--top', String(IMAGES)], { environment }),
    ]);
    let seenWhileIndexing = false;
    const watching = (async () => {
      while (countImages(editor).files < IMAGES) {
        seenWhileIndexing ||= countImages(editor).files > 0 && editor.version() !== before;
        await sleep(5);
      }
    })();
    const [tag, search] = await commands;
    await watching;
    assert.deepEqual([tag.code, search.code], [0, 0], tag.stderr + search.stderr);
    assert.deepEqual([jsonLines(tag.stdout).length, jsonLines(search.stdout).length], [IMAGES, IMAGES]);
    assert.equal(numberIn(tag, 'embedded') + numberIn(search, 'embedded'), IMAGES, tag.stderr + search.stderr);
    assert.ok(seenWhileIndexing);
    const { unchanged, embedded } = await updateIndex(editor);
    assert.deepEqual([unchanged, embedded], [IMAGES, 0]);
  });

  it('gives the command line the images and tags of the editor', async () => {
    {
      await using editor = await openLibrary({ root: folder, inference });
      await updateIndex(editor);
      const hash = imageAt(editor, '7.svg')?.hash ?? assert.fail('7.svg is missing');
      await setManualTags(editor, [{ hash, label: 'seven', holds: true }]);
    }
    const tag = await run(['tag', folder, '--json'], { environment });
    assert.equal(numberIn(tag, 'unchanged'), IMAGES, tag.stderr);
    const image = jsonLines(tag.stdout).find(({ path: file }) => file === '7.svg');
    assert.deepEqual((image?.['tags'] as { label: string }[])[0], { label: 'seven', score: 1 });
    const doctor = await run(['doctor', folder, '--json', '--model', path.join(folder, 'none')], { environment });
    const [report = {}] = jsonLines(doctor.stdout);
    const index = (report['checks'] as { what: string; result: string }[]).find(({ what }) => what === 'index');
    assert.ok(index?.result.startsWith(environment['ASSETLENS_INDEXES'] ?? ''), index?.result);
    assert.match(index?.result ?? '', /images-[0-9a-f]{16}.index\.db \(shared/);
  });

  it('stays in the workspace folder if it is already there', async () => {
    await mkdir(path.join(folder, '.assetlens'));
    assert.equal((await run(['tag', folder, '--quiet'], { environment })).code, 0);
    assert.ok((await readdir(path.join(folder, '.assetlens'))).includes('index.db'));
    await using editor = await openLibrary({ root: folder, inference });
    const paths: string[] = [];
    for await (const page of listImages(editor)) paths.push(...page.map((image) => image.path));
    assert.equal(paths.length, IMAGES);
    await assert.rejects(readdir(environment['ASSETLENS_INDEXES'] ?? ''));
  });

  describe('if files cannot be written', () => {
    /**
     * Makes the user "nobody" the owner of all files and runs the commands as that user, because root can write
     * everywhere.
     */
    async function asNobody(args: readonly string[]): Promise<Run> {
      const isSuperuser = process.getuid?.() === 0;
      return run(args, { environment, ...(isSuperuser && { user: NOBODY }) });
    }
    beforeEach(async function () {
      if (process.platform === 'win32') this.skip();
      await chmod(path.dirname(folder), 0o755);
      await mkdir(environment['ASSETLENS_INDEXES'] ?? '');
      if (process.getuid?.() === 0) await chown(environment['ASSETLENS_INDEXES'] ?? '', NOBODY, NOBODY);
    });

    it('is created for a read-only folder', async () => {
      await chmod(folder, 0o555);
      const { code, stdout, stderr } = await asNobody(['search', folder, 'circle', '--json']);
      assert.equal(code, 0, stderr);
      assert.equal(jsonLines(stdout)[0]?.['path'] !== undefined, true);
      assert.equal(numberIn({ code, stdout, stderr }, 'embedded'), IMAGES);
    });

    it('can be used for search and tags, with one message about missing images', async () => {
      await mkdir(path.join(folder, '.assetlens'));
      assert.equal((await run(['tag', folder, '--quiet'], { environment })).code, 0);
      await chmod(path.join(folder, '.assetlens/index.db'), 0o444);
      await chmod(path.join(folder, '.assetlens'), 0o555);
      if (process.getuid?.() === 0) {
        // An index in the folder is used only by its owner.
        for (const name of ['', '.gitignore', 'index.db'])
          await chown(path.join(folder, '.assetlens', name), NOBODY, NOBODY);
      }
      await writeFile(path.join(folder, 'new.svg'), svg(999));
      for (const args of [
        ['search', folder, 'circle'],
        ['tag', folder],
      ]) {
        const { code, stdout, stderr } = await asNobody([...args, '--json']);
        assert.equal(code, 0, stderr);
        assert.ok(jsonLines(stdout).length > 0);
        assert.equal(stderr.match(/cannot be written/g)?.length, 1, stderr);
        assert.match(stderr, /used without an update: .*another index file to --index/);
      }
      const named = ['--index', path.join(environment['ASSETLENS_INDEXES'] ?? '', 'own.db')];
      const { stderr } = await asNobody(['search', folder, 'circle', '--json', ...named]);
      assert.match(stderr, /121 embedded/);
    });
  });
});
