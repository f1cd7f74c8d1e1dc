import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { jsonLines, run, type Run } from './runCli.ts';

const svg = (body: string): string => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">${body}</svg>`;
const SQUARE = svg('<path d="M4 4h40v40h-40z"/>');
const CIRCLE = svg('<circle r="9" cx="24" cy="24"/>');

/** A folder whose files a stranger wrote, and the command line. */
describe('A folder from a stranger', function () {
  this.timeout(120_000);
  let base: string;
  let folder: string;
  const at = (...names: string[]): string => path.join(base, ...names);
  const tag = (...options: string[]): Promise<Run> =>
    run(['tag', folder, '--json', ...options], { environment: { ASSETLENS_INDEXES: at('data') } });

  beforeEach(async function () {
    if (process.platform === 'win32') this.skip();
    base = await mkdtemp(path.join(tmpdir(), 'assetlens-stranger-'));
    folder = at('repo');
    await mkdir(folder);
    await mkdir(at('outside'));
    await writeFile(at('outside', 'mine.svg'), CIRCLE);
    await writeFile(at('repo', 'a.svg'), SQUARE);
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  const pathsOf = ({ stdout }: Run): unknown[] =>
    jsonLines(stdout)
      .map((line) => line['path'])
      .sort();

  async function assertOutsideUnchanged(): Promise<void> {
    assert.deepEqual(await readdir(at('outside')), ['mine.svg']);
    assert.equal(await readFile(at('outside', 'mine.svg'), 'utf8'), CIRCLE);
  }

  it('cannot make the command line overwrite or create files with links in .assetlens/', async () => {
    const victim = '../../outside/mine.svg';
    const layouts: Record<string, string>[] = [
      { 'index.db': '../../outside/new.db' },
      { 'index.db': victim },
      { 'index.db-damaged': victim },
      { 'index.db-updating-1': '../../outside/lock' },
    ];
    for (const links of layouts) {
      await mkdir(at('repo/.assetlens'));
      for (const [name, target] of Object.entries(links)) await symlink(target, at('repo/.assetlens', name));
      const result = await tag();
      assert.equal(result.code, 0, result.stderr);
      assert.equal(result.stderr.match(/is not used, because it is a link\. AssetLens uses .*--index/g)?.length, 1);
      await assertOutsideUnchanged();
      await rm(at('repo/.assetlens'), { recursive: true });
    }
    await symlink('../nowhere', at('repo/.assetlens'));
    assert.match((await tag()).stderr, /\.assetlens is not used, because it is a link/);
    assert.deepEqual((await readdir(base)).sort(), ['data', 'outside', 'repo']);
  });

  it('cannot provide an index that Git tracks; --index selects it, unless its schema is not ours', async () => {
    await mkdir(at('repo/.assetlens'));
    assert.equal((await tag()).stderr.includes('is not used'), false);
    execFileSync('git', ['init', '--quiet', folder]);
    execFileSync('git', ['-C', folder, 'add', '--force', '.assetlens/index.db']);
    const distrusted = await tag();
    assert.match(distrusted.stderr, /is not used, because Git tracks the index in it.*--index/);
    assert.match(distrusted.stderr, /1 embedded/);
    assert.match((await tag('--index', at('repo/.assetlens/index.db'))).stderr, /1 unchanged/);
    const raw = new DatabaseSync(at('repo/.assetlens/index.db'));
    raw.exec(`CREATE TRIGGER evil BEFORE UPDATE ON library BEGIN
      INSERT INTO models (name, columns) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, 1 FROM n;
      END`);
    raw.close();
    const evil = await tag('--index', at('repo/.assetlens/index.db'));
    assert.deepEqual([evil.code, evil.stdout], [1, '']);
    assert.match(evil.stderr, /has a schema that AssetLens did not create \(see "evil"\)/);
  });

  it('has its links to other folders named in one line, or followed on request', async () => {
    await symlink('../outside', at('repo/assets'));
    await symlink('../outside/mine.svg', at('repo/one\u0007.svg'));
    await symlink('nowhere.svg', at('repo/broken.svg'));
    const result = await tag();
    assert.equal(result.code, 0, result.stderr);
    assert.match(
      result.stderr,
      /^2 links to files or folders outside of the folder: (assets, one\\u0007\.svg|one\\u0007\.svg, assets)\. Pass --follow-links to follow links\.$/m,
    );
    assert.match(result.stderr, /broken\.svg: is a link to a file that does not exist/);
    assert.doesNotMatch(result.stderr + result.stdout, /ENOENT/);
    const followed = await tag('--follow-links');
    // a.svg, the broken link, and one of the two other links, because each target is tagged once
    assert.equal(pathsOf(followed).length, 3);
    assert.doesNotMatch(followed.stderr, /outside of the folder/);
  });

  it('can contain pipes with names of images, which are counted and not opened', async () => {
    execFileSync('mkfifo', [at('repo/pipe.svg'), at('repo/pipe.png')]);
    const { code, stderr, stdout } = await tag();
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^2 special files \(pipes, sockets or devices\), which AssetLens does not open: /m);
    assert.deepEqual(pathsOf({ code, stderr, stdout }), ['a.svg']);
  });

  it('can have content that changed at the same size and time, which --verify finds', async () => {
    const other = SQUARE.replace('M4 4', 'M9 9');
    await writeFile(at('repo/b.svg'), CIRCLE);
    await utimes(at('repo/a.svg'), 1, 1);
    await tag();
    await writeFile(at('repo/new'), other);
    await rename(at('repo/new'), at('repo/a.svg'));
    await utimes(at('repo/a.svg'), 1, 1);
    assert.match((await tag()).stderr, /2 unchanged/);
    assert.match((await tag('--verify')).stderr, /2 images, 1 embedded, 1 unchanged/);
  });
});
