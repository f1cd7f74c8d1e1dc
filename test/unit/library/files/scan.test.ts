import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { UserError } from '../../../../src/clip/index.ts';
import { scanImages, type ScanOptions } from '../../../../src/library/index.ts';
import { hashFile } from '../../../../src/library/files/hashFile.ts';
import { temporaryFolder, whileUnreadable } from '../temporaryFolder.ts';

async function scanned(root: string, options?: ScanOptions): Promise<string[]> {
  const files: string[] = [];
  for await (const file of scanImages(root, options)) files.push(file.path);
  return files.sort();
}

describe('scanImages', function () {
  this.timeout(20_000); // the tests use real files, and the machine may be busy
  it('finds images by extension, in any case, with sizes and times', async () => {
    await using folder = await temporaryFolder({
      'a.png': '12345',
      'B.JPG': '',
      'with space/ünï "code"\n.webp': '',
      '.hidden/c.svg': '',
      'd.txt': '',
      png: '',
    });
    assert.deepEqual(await scanned(folder.path), ['.hidden/c.svg', 'B.JPG', 'a.png', 'with space/ünï "code"\n.webp']);
    for await (const file of scanImages(folder.path)) {
      if (file.path === 'a.png') assert.ok(file.size === 5 && file.mtime > 0);
    }
  });

  it('finds drawings of Android among the XML files in drawable folders', async () => {
    const vector = '<vector xmlns:android="http://schemas.android.com/apk/res/android" android:width="1dp"></vector>';
    await using folder = await temporaryFolder({
      'app/res/drawable/ic_home.xml': vector,
      'app/res/drawable-night/ic_home.xml': `<?xml version="1.0"?>\n<!-- ${'licence '.repeat(500)} -->\n${vector}`,
      'app/res/drawable/button.xml': '<selector/>',
      'app/res/layout/main.xml': vector,
      'pom.xml': '<project/>',
    });
    const found = ['app/res/drawable-night/ic_home.xml', 'app/res/drawable/ic_home.xml'];
    assert.deepEqual(await scanned(folder.path), found);
    assert.deepEqual(await scanned(folder.path, { include: ['**/*.xml'] }), [
      ...found,
      'app/res/layout/main.xml', // asked for
      'pom.xml',
    ]);
  });

  it('skips .git, node_modules and .assetlens at any depth', async () => {
    await using folder = await temporaryFolder({
      'a.png': '',
      '.git/b.png': '',
      'deep/node_modules/x/b.png': '',
      'deep/.assetlens/b.png': '',
      'dist/c.png': '',
      'node_modules.png': '',
    });
    assert.deepEqual(await scanned(folder.path), ['a.png', 'dist/c.png', 'node_modules.png']);
  });

  it('follows include and exclude globs', async () => {
    await using folder = await temporaryFolder({ 'a.png': '', 'b.svg': '', 'old/c.png': '', 'old/deep/d.png': '' });
    assert.deepEqual(await scanned(folder.path, { include: ['**/*.png'] }), ['a.png', 'old/c.png', 'old/deep/d.png']);
    assert.deepEqual(await scanned(folder.path, { exclude: ['old/deep'] }), ['a.png', 'b.svg', 'old/c.png']);
    assert.deepEqual(await scanned(folder.path, { exclude: ['old/**', '*.svg'] }), ['a.png']);
  });

  it('rejects globs that are not valid, and says why', async () => {
    await using folder = await temporaryFolder({ 'a1b2c3d4.png': '' });
    await assert.rejects(scanned(folder.path, { include: ['*.png\\'] }), UserError);
    await assert.rejects(
      scanned(folder.path, { exclude: ['[\\'] }),
      /The glob "\[\\" ends in a backslash that escapes nothing/,
    );
    assert.deepEqual(await scanned(folder.path, { exclude: ['[\\\\', '*\\\\\\\\'] }), ['a1b2c3d4.png']);
    assert.deepEqual(await scanned(folder.path, { include: ['**/*a*b*c*d*.png'] }), ['a1b2c3d4.png']);
  });

  it('reports a .gitignore that is a link, a pipe or too long, and continues without its rules', async () => {
    await using folder = await temporaryFolder({
      'a/.gitignore': '*.png\n'.padEnd(1_000_001, '#'),
      'a/1.png': '',
      'b/.gitignore': `*.png\n${'x'.repeat(2000)}\n`,
      'b/2.png': '',
      'c/3.png': '',
      'd/4.png': '',
      secrets: '*.png',
    });
    await symlink('../secrets', folder.at('c/.gitignore'));
    if (process.platform !== 'win32') execFileSync('mkfifo', [folder.at('d/.gitignore')]);
    const missed = new Map<string, string>();
    const found = await scanned(folder.path, { onUnreadable: (file, reason) => missed.set(file, reason) });
    assert.deepEqual(found, ['a/1.png', 'b/2.png', 'c/3.png', 'd/4.png']);
    assert.match(missed.get('a/.gitignore') ?? '', /1\.000001 MB exceeds the limit of 1 MB/);
    assert.match(missed.get('b/.gitignore') ?? '', /its line 2 has 2000 characters, but the limit is 1000/);
    if (process.platform === 'win32') return;
    assert.match(missed.get('c/.gitignore') ?? '', /ELOOP/);
    assert.match(missed.get('d/.gitignore') ?? '', /it is a pipe, not a file/);
  });

  it('respects nested .gitignore files: the inner one takes precedence', async () => {
    await using folder = await temporaryFolder({
      '.gitignore': '\uFEFF# built\r\nbuild/\r\n*.gif\r\n/top.png\r\n',
      'build/a.png': '',
      'x/build/a.png': '',
      'top.png': '',
      'x/top.png': '',
      'anim.gif': '',
      'x/.gitignore': '!keep.gif\nlocal*.png\n!build/\n',
      'x/keep.gif': '',
      'x/y/keep.gif': '',
      'we[i]rd *\n/.gitignore': '/a.png\nb/*.png\n!b/c.png\n',
      'we[i]rd *\n/a.png': '',
      'we[i]rd *\n/b/a.png': '',
      'we[i]rd *\n/b/c.png': '',
      'we[i]rd *\n/c/b/a.png': '',
      'x/other.gif': '',
      'x/local1.png': '',
      'local2.png': '',
    });
    const weird = ['we[i]rd *\n/b/c.png', 'we[i]rd *\n/c/b/a.png'];
    const found = ['local2.png', ...weird, 'x/build/a.png', 'x/keep.gif', 'x/top.png', 'x/y/keep.gif'];
    assert.deepEqual(await scanned(folder.path), found);
    assert.equal((await scanned(folder.path, { gitignore: false })).length, 14);
  });

  it('ignores the files that Git ignores', async () => {
    await using folder = await temporaryFolder({
      '.gitignore':
        'a/**/z.png\n/only-top\n**/any/\n!**/any/\nfoo*\n!foobar.png\n\\!bang.png\n\\#hash.png\nsp ace.png  \n',
      'sub/.gitignore': '/a.png\nb/\n!/b/\n*.svg\n!keep/*.svg\n[ab]c.png\n',
      'sub/deep/.gitignore': 'x/y.png\n!*.svg\n',
    });
    const names = [
      'a.png',
      'z.png',
      'a.svg',
      'foo.png',
      'foobar.png',
      '!bang.png',
      '#hash.png',
      'sp ace.png',
      'bc.png',
      'x/y.png',
    ];
    const folders = [
      '',
      'a/',
      'a/b/',
      'only-top/',
      'any/',
      'sub/',
      'sub/b/',
      'sub/keep/',
      'sub/deep/',
      'sub/deep/keep/',
      'sub/only-top/',
      'Sub.d/any/',
    ];
    await folder.write(Object.fromEntries(folders.flatMap((at) => names.map((name) => [at + name, '']))));
    const git = (...options: string[]): string =>
      execFileSync('git', options, {
        cwd: folder.path,
        encoding: 'utf8',
        env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' },
      });
    git('init', '--quiet');
    const listed = git('ls-files', '-z', '--others', '--exclude-standard').split('\0');
    const expected = listed.filter((file) => /\.(png|svg)$/.test(file)).sort();
    assert.ok(expected.length > 20 && expected.length < 100);
    assert.deepEqual(await scanned(folder.path), expected);
    assert.deepEqual(
      await scanned(folder.at('sub')),
      expected.filter((file) => file.startsWith('sub/')).map((file) => file.slice('sub/'.length)),
    );
  });

  it('respects the .gitignore files of the repository above the root, unless they ignore the root itself', async () => {
    await using folder = await temporaryFolder({
      'outside/.gitignore': '*.png',
      'outside/repo/.git/info/exclude': 'private/',
      'outside/repo/.gitignore': 'app/secret.png\ngenerated\n',
      'outside/repo/app/a.png': '',
      'outside/repo/app/secret.png': '',
      'outside/repo/app/private/a.png': '',
      'outside/repo/app/generated/a.png': '',
    });
    assert.deepEqual(await scanned(folder.at('outside/repo/app')), ['a.png']);
    assert.deepEqual(await scanned(folder.at('outside/repo/app/generated')), ['a.png']);
  });

  it('ends in spite of link loops, and finds no file twice or outside the root', async () => {
    await using folder = await temporaryFolder({
      'root/a/1.png': '',
      'root/a/b/2.png': '',
      'root/node_modules/icons/3.png': '',
      'root/hidden.txt': '',
      'outside/4.png': '',
    });
    await symlink('..', folder.at('root/a/up'));
    await symlink('.', folder.at('root/self'));
    await symlink('a', folder.at('root/0 before a'));
    await symlink('loop', folder.at('root/loop'));
    await symlink('gone.png', folder.at('root/broken.png'));
    await symlink('gone', folder.at('root/broken'));
    await symlink('../outside', folder.at('root/out'));
    await symlink('../outside/4.png', folder.at('root/out.png'));
    await symlink('a/1.png', folder.at('root/again.png'));
    await symlink('hidden.txt', folder.at('root/shown.png'));
    await symlink('node_modules/icons', folder.at('root/icons'));
    await symlink('../node_modules/icons', folder.at('root/a/icons'));
    await symlink('root', folder.at('link to root'));
    const missed: string[] = [];
    const onUnreadable = (file: string): number => missed.push(file);
    const found = await scanned(folder.at('root'), { onUnreadable });
    assert.deepEqual(
      found.filter((file) => !file.endsWith('/3.png')),
      ['a/1.png', 'a/b/2.png', 'shown.png'],
    );
    assert.equal(found.filter((file) => /^(a\/)?icons\/3\.png$/.test(file)).length, 1);
    assert.deepEqual(missed, ['broken.png']);
    assert.deepEqual((await scanned(folder.at('link to root'))).length, found.length);
  });

  it('reports links that lead outside of the root, and does not follow them', async () => {
    await using folder = await temporaryFolder({ 'root/a.png': '', 'shared/b.png': '', 'c.txt': '', '.gitignore': '' });
    await symlink('../shared', folder.at('root/assets'));
    await symlink('../shared/b.png', folder.at('root/out.png'));
    await symlink('../c.txt', folder.at('root/out.txt'));
    await symlink('/dev/zero', folder.at('root/zero.png'));
    await symlink('../shared', folder.at('root/node_modules'));
    await symlink('../shared', folder.at('root/ignored'));
    await folder.write({ 'root/.gitignore': 'ignored' });
    await mkdir(folder.at('root/.git'));
    const unread: string[] = [];
    const onUnread = (file: string, kind: string): number => unread.push(`${kind} ${file}`);
    assert.deepEqual(await scanned(folder.at('root'), { onUnread }), ['a.png']);
    assert.deepEqual(unread.sort(), ['outside assets', 'outside out.png', 'outside zero.png']);
  });

  it('follows links that lead outside of the root on request, to each target once', async function () {
    await using folder = await temporaryFolder({
      'above/root/a.png': '',
      'above/b.png': '',
      'shared/c.png': '',
      'shared/deep/d.png': '',
      'shared/e.txt': '',
      'one/f.png': '',
    });
    await symlink('../../shared', folder.at('above/root/x'));
    await symlink('../../shared/deep', folder.at('above/root/deep'));
    await symlink('../../shared/c.png', folder.at('above/root/0.png'));
    await symlink('../one', folder.at('shared/one'));
    await symlink('../shared', folder.at('one/back'));
    await symlink('..', folder.at('above/root/up'));
    await symlink('/dev/zero', folder.at('above/root/zero.png'));
    const unread: string[] = [];
    const onUnread = (file: string, kind: string): number => unread.push(`${kind} ${file}`);
    const found = await scanned(folder.at('above/root'), { followLinks: true, onUnread });
    const names = found.map((file) => file.split('/').at(-1) ?? '').map((name) => (name === '0.png' ? 'c.png' : name));
    assert.deepEqual(names.sort(), ['a.png', 'b.png', 'c.png', 'd.png', 'f.png']);
    assert.deepEqual(unread, ['special zero.png']);
  });

  it('explains why a link cannot be followed', async () => {
    await using folder = await temporaryFolder({ 'a.png': '' });
    await symlink('nowhere.png', folder.at('broken.png'));
    await symlink('loop.png', folder.at('loop.png'));
    const reasons: Record<string, string> = {};
    await scanned(folder.path, { onUnreadable: (file, reason) => (reasons[file] = reason) });
    assert.deepEqual(reasons, {
      'broken.png': 'is a link to a file that does not exist',
      'loop.png': 'is a link that leads back to itself',
    });
  });

  it('counts pipes, sockets and devices with the name of an image, and opens none', async function () {
    if (process.platform === 'win32') this.skip();
    await using folder = await temporaryFolder({ 'a.png': '' });
    execFileSync('mkfifo', [folder.at('pipe.png'), folder.at('pipe.txt')]);
    await symlink('pipe.png', folder.at('link.png'));
    const server = createServer().listen(folder.at('socket.png'));
    await once(server, 'listening');
    const unread: string[] = [];
    const onUnread = (file: string, kind: string): number => unread.push(`${kind} ${file}`);
    assert.deepEqual(await scanned(folder.path, { onUnread }), ['a.png']);
    assert.deepEqual(unread.sort(), ['special link.png', 'special pipe.png', 'special socket.png']);
    await assert.rejects(hashFile(folder.at('pipe.png'), 1000), /it is a pipe, not a file/); // it became a pipe after the scan
    server.close();
  });

  it('reports folders that cannot be read and continues', async () => {
    await using folder = await temporaryFolder({ 'a.png': '', 'locked/b.png': '', 'z/c.png': '' });
    await whileUnreadable(folder, 'locked', async () => {
      const missed: [string, string][] = [];
      const found = await scanned(folder.path, { onUnreadable: (file, reason) => missed.push([file, reason]) });
      assert.deepEqual(found, ['a.png', 'z/c.png']);
      assert.deepEqual(
        missed.map(([file]) => file),
        ['locked'],
      );
      assert.match(missed[0]?.[1] ?? '', /EACCES/);
    });
  });

  it('rejects a root that is not a readable folder', async () => {
    await using folder = await temporaryFolder({ 'a.png': '' });
    await assert.rejects(scanned(folder.at('none')), UserError);
    await assert.rejects(scanned(folder.at('a.png')), UserError);
  });

  it('stops when it is cancelled', async () => {
    await using folder = await temporaryFolder();
    for (let i = 0; i < 5; i++) await folder.write({ [`${i}/a.png`]: '' });
    const abort = new AbortController();
    const scan = scanImages(folder.path, { signal: abort.signal });
    assert.equal((await scan.next()).done, false);
    abort.abort();
    await assert.rejects(scan.next(), { name: 'AbortError' });
  });

  it('tolerates files that are deleted during the scan', async () => {
    await using folder = await temporaryFolder();
    await mkdir(folder.at('deep'));
    for (let i = 0; i < 300; i++) await folder.write({ [`${i}.png`]: '', [`deep/${i}.png`]: '' });
    const missed: string[] = [];
    const scan = scanImages(folder.path, { onUnreadable: (file) => missed.push(file) });
    await scan.next();
    await rm(folder.path, { recursive: true });
    let found = 1;
    while (!(await scan.next()).done) found++;
    assert.ok(found > 200 && found < 600, `${found}`);
    assert.deepEqual(
      missed.filter((file) => file !== 'deep'),
      [],
    );
  });
});
