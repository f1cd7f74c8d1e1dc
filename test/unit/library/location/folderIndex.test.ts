import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chown, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { locateIndex, type IndexLocation } from '../../../../src/library/index.ts';
import { temporaryFolder, type TemporaryFolder } from '../temporaryFolder.ts';

describe('The index in a folder of images', function () {
  this.timeout(20_000); // the tests use real files, and the machine may be busy
  let data: TemporaryFolder;
  let folder: TemporaryFolder;

  beforeEach(async () => {
    data = await temporaryFolder();
    folder = await temporaryFolder({ 'repo/a.png': '', 'repo/.assetlens/index.db': '', 'outside/mine.txt': 'mine' });
  });
  afterEach(async () => {
    await data[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const locate = (root = 'repo', trustFolder?: boolean): Promise<IndexLocation> =>
    locateIndex(folder.at(root), { environment: { ASSETLENS_INDEXES: data.path }, trustFolder });

  /** Asserts that the index in the user's data folder is used, and that nothing was created. */
  async function assertDistrusted(reason: string, file: string, root = 'repo'): Promise<void> {
    const { kind, distrusted } = await locate(root);
    assert.deepEqual([kind, distrusted], ['userData', { path: folder.at(file), reason }]);
    assert.deepEqual(await readdir(folder.at('outside')), ['mine.txt']);
  }

  async function assertUsed(root = 'repo'): Promise<void> {
    const { kind, distrusted } = await locate(root);
    assert.deepEqual([kind, distrusted], ['inFolder', undefined]);
  }

  it('is used if it is a file of the user outside of any repository', async () => {
    await assertUsed();
  });

  it('is not used if its folder is a link, also to a folder that does not exist', async () => {
    for (const target of ['../outside', '../nowhere', '.']) {
      await rm(folder.at('repo/.assetlens'), { recursive: true });
      await symlink(target, folder.at('repo/.assetlens'));
      await assertDistrusted('link', 'repo/.assetlens');
    }
    assert.deepEqual((await readdir(folder.path)).sort(), ['outside', 'repo']);
  });

  for (const name of ['index.db', 'index.db-wal', 'index.db-damaged', 'index.db-updating-1', 'unknown']) {
    it(`is not used if ${name} is a link`, async () => {
      for (const target of ['../../outside/mine.txt', '../../outside/new.txt']) {
        await rm(folder.at(`repo/.assetlens/${name}`), { force: true });
        await symlink(target, folder.at(`repo/.assetlens/${name}`));
        await assertDistrusted('link', `repo/.assetlens/${name}`);
      }
    });
  }

  it('is not used if a file of its folder is a pipe', async function () {
    if (process.platform === 'win32') this.skip();
    await rm(folder.at('repo/.assetlens/index.db'));
    execFileSync('mkfifo', [folder.at('repo/.assetlens/index.db')]);
    await assertDistrusted('special', 'repo/.assetlens/index.db');
  });

  it('is not used if it belongs to another user', async function () {
    if (process.getuid?.() !== 0) this.skip(); // only the superuser can give a file away
    await chown(folder.at('repo/.assetlens/index.db'), 65534, 65534);
    await assertDistrusted('owner', 'repo/.assetlens/index.db');
    await chown(folder.at('repo/.assetlens'), 65534, 65534);
    await assertDistrusted('owner', 'repo/.assetlens');
  });

  it('is not used in a workspace that is not trusted, and the files beside it are not read', async () => {
    const { kind, distrusted } = await locate('repo', false);
    assert.deepEqual([kind, distrusted?.reason], ['userData', 'restricted']);
  });

  it('has no effect on another folder', async () => {
    assert.deepEqual((await locate('outside')).distrusted, undefined);
  });

  describe('in a Git repository', () => {
    const git = (...args: string[]): void => {
      const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'protocol.file.allow=always'];
      execFileSync('git', [...identity, '-C', folder.at('repo'), ...args], { stdio: 'pipe' });
    };
    /** Adds enough files that a version 4 shortens names, and that names of many lengths are padded. */
    const others = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`repo/files/${'a'.repeat(i)}.txt`, '']));

    beforeEach(async function () {
      try {
        git('--version');
      } catch {
        this.skip(); // Git is not installed
      }
      await folder.write(others);
    });

    it('is used if Git does not track it, as for an index that AssetLens creates', async () => {
      git('init', '--quiet');
      await assertUsed(); // before the first "git add"
      git('add', 'files', 'a.png');
      await assertUsed();
      await folder.write({ 'repo/.assetlens/.gitignore': '*' });
      git('add', '--force', '.assetlens/.gitignore'); // selects the location for everybody, and has no content
      await assertUsed();
    });

    for (const version of [2, 3, 4]) {
      it(`is not used if Git tracks it, in version ${version} of Git's index`, async () => {
        git('init', '--quiet');
        git('update-index', '--index-version', `${version}`);
        git('add', 'files', 'a.png');
        if (version === 3) await folder.write({ 'repo/z.txt': '' });
        if (version === 3) git('add', '--intent-to-add', 'z.txt'); // needs the flags that version 3 adds
        await assertUsed();
        git('add', '--force', '.assetlens/index.db');
        git('update-index', '--index-version', `${version}`);
        assert.equal((await readFile(folder.at('repo/.git/index'))).readUInt32BE(4), version);
        await assertDistrusted('tracked', 'repo/.assetlens');
      });
    }

    it('is not used if Git tracks it in a repository with SHA-256', async () => {
      git('init', '--quiet', '--object-format=sha256');
      git('add', 'files');
      await assertUsed();
      git('add', '--force', '.assetlens/index.db');
      await assertDistrusted('tracked', 'repo/.assetlens');
    });

    it('is not used if Git tracks it under another spelling, or in a part of a repository', async () => {
      await folder.write({ 'repo/packages/icons/.assetlens/index.db': '' });
      git('init', '--quiet');
      git('add', 'files');
      await assertUsed('repo/packages/icons');
      git('add', '--force', 'packages/icons/.assetlens/index.db');
      await assertDistrusted('tracked', 'repo/packages/icons/.assetlens', 'repo/packages/icons');
      await assertUsed();
      await folder.write({ 'repo/.AssetLens/INDEX.DB-wal': '' });
      git('add', '--force', '.AssetLens/INDEX.DB-wal');
      await assertDistrusted('tracked', 'repo/.assetlens');
    });

    it('is not used in a worktree or a submodule that tracks it, or as a submodule', async () => {
      git('init', '--quiet');
      git('add', '--force', 'files', '.assetlens/index.db');
      git('commit', '--quiet', '-m', 'all');
      git('worktree', 'add', '--quiet', folder.at('tree'));
      await assertDistrusted('tracked', 'tree/.assetlens', 'tree');
      await mkdir(folder.at('outer'));
      await rename(folder.at('repo'), folder.at('inner'));
      await rename(folder.at('outer'), folder.at('repo'));
      git('init', '--quiet');
      git('submodule', '--quiet', 'add', folder.at('inner'), 'sub');
      await assertDistrusted('tracked', 'repo/sub/.assetlens', 'repo/sub');
      git('submodule', '--quiet', 'add', folder.at('inner'), '.assetlens');
      await assertDistrusted('tracked', 'repo/.assetlens');
      await rm(folder.at('repo/.assetlens/.git'));
      await assertDistrusted('tracked', 'repo/.assetlens');
    });

    it("is not used if Git's index cannot be read", async () => {
      git('init', '--quiet');
      git('add', 'files');
      git('update-index', '--split-index');
      await assertDistrusted('unknown', 'repo/.assetlens');
      git('update-index', '--no-split-index');
      await assertUsed();
      await truncate(folder.at('repo/.git/index'), 500);
      await assertDistrusted('unknown', 'repo/.assetlens');
      await rm(folder.at('repo/.git'), { recursive: true });
      await writeFile(folder.at('repo/.git'), 'no name');
      await assertDistrusted('unknown', 'repo/.assetlens');
      if (process.platform === 'win32') return;
      await rm(folder.at('repo/.git'));
      await mkdir(folder.at('repo/.git'));
      execFileSync('mkfifo', [folder.at('repo/.git/index')]);
      await assertDistrusted('unknown', 'repo/.assetlens');
    });
  });
});
