import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { csvLines, csvPath } from '../../../../src/base/csv.ts';
import { UserError } from '../../../../src/base/userError.ts';
import type { Tag } from '../../../../src/library/index.ts';
import {
  keywordsOf,
  planSidecars,
  sidecarOf,
  writeSidecars,
} from '../../../../src/providers/exportTags/sidecarFiles.ts';
import { withTags } from '../../../../src/providers/exportTags/sidecarXmp.ts';
import { tagRows, tagsAsJson, type ExportedFolder } from '../../../../src/providers/exportTags/tagFiles.ts';
import { sidecarKeywords } from './sidecarKeywords.ts';

const tag = (label: string, score = 0.5, set = '', manual = false): Tag => ({ label, score, set, manual });
const folder: ExportedFolder = {
  name: 'web',
  images: [
    {
      path: '=cmd|/a.png',
      hash: 'ab',
      width: 64,
      height: 32,
      format: 'png',
      bytes: 12,
      tags: [tag('chosen', 1, '', true), tag('cat, "big"', 0.123456, 'animals')],
      uncertain: [tag('dog', 0.1)],
    },
    { path: 'b.svg', hash: 'cd', width: 1, height: 1, format: 'svg', bytes: 1, tags: [], uncertain: [] },
  ],
};

describe('Exported tags', () => {
  it('as JSON list every image with its tags, without uncertain labels', () => {
    const parsed = JSON.parse(tagsAsJson([folder], 'a-model')) as unknown;
    assert.deepEqual(parsed, {
      version: 1,
      model: 'a-model',
      folders: [
        {
          name: 'web',
          images: [
            {
              ...{ path: '=cmd|/a.png', sha256: 'ab', width: 64, height: 32, format: 'png', bytes: 12 },
              tags: [
                { label: 'chosen', set: '', score: 1, manual: true },
                { label: 'cat, "big"', set: 'animals', score: 0.1235, manual: false },
              ],
            },
            { path: 'b.svg', sha256: 'cd', width: 1, height: 1, format: 'svg', bytes: 1, tags: [] },
          ],
        },
      ],
    });
  });

  it('as CSV have a row for each tag, and no formulas', () => {
    assert.deepEqual(csvLines(tagRows([folder])).split('\n'), [
      'folder,path,label,set,score,manual',
      'web,./=cmd|/a.png,chosen,,1,true',
      `web,./=cmd|/a.png,"cat, ""big""",animals,0.1235,false`,
      'web,b.svg,,,,',
      '',
    ]);
    assert.equal(csvLines([['+a', '-b', '@c', 'd=e', -1]]), "'+a,'-b,'@c,d=e,-1\n");
  });

  it('as CSV have paths that name their files, and that no spreadsheet runs as formulas', () => {
    for (const name of ['=1+1.png', '+a.png', '-b.png', '@c/d.png', '\t=x.png']) {
      assert.equal(csvPath(name), `./${name}`);
      assert.equal(path.posix.normalize(csvPath(name)), name);
      const [cell = ''] = csvLines([[csvPath(name)]])
        .replaceAll('"', '')
        .split('\n');
      assert.equal(cell, `./${name}`);
    }
    assert.equal(csvPath('icons/=a.png'), 'icons/=a.png');
  });
});

const DIGIKAM = `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:digiKam="http://www.digikam.org/ns/1.0/"
   xmp:Rating="4"
   digiKam:PickLabel="0">
   <!-- by hand -->
   <dc:description>
    <rdf:Alt>
     <rdf:li xml:lang="x-default">Ümläute &amp; &lt;more&gt;</rdf:li>
    </rdf:Alt>
   </dc:description>
   <dc:subject>
    <rdf:Bag>
     <rdf:li>holiday</rdf:li>
     <rdf:li>cat</rdf:li>
    </rdf:Bag>
   </dc:subject>
   <digiKam:TagsList>
    <rdf:Seq>
     <rdf:li>Places/Rome</rdf:li>
    </rdf:Seq>
   </digiKam:TagsList>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
`;
const tags = (...labels: string[]) => keywordsOf(labels.map((label) => tag(label, 0.5, 'things')));
/** Returns the changed sidecar, which must differ from the existing one. */
function written(existing: string | null, ...labels: string[]): string {
  return withTags(existing, tags(...labels)) ?? assert.fail('nothing was written');
}

describe('An XMP sidecar', () => {
  it('contains the labels as keywords, flat and below their label set', () => {
    assert.deepEqual(sidecarKeywords(written(null, 'cat', 'animal')), {
      subjects: ['cat', 'animal'],
      hierarchical: ['things|cat', 'things|animal'],
    });
    assert.deepEqual(keywordsOf([tag('a|b'), tag('c', 1, 'x|y')]).hierarchical, ['a/b', 'x/y|c']);
  });

  it('is not created for an image without tags', () => {
    assert.equal(withTags(null, tags()), null);
  });

  it('can contain any label', () => {
    for (const label of ['<rdf:li>&amp;', ']]>', '"quoted\'', 'ünï 図 😀', '--><!--', 'a\nb\u0000c\ufffe', '\ud800x']) {
      const [subject] = sidecarKeywords(written(null, label)).subjects;
      assert.equal(
        subject,
        label
          .toWellFormed()
          .replace(/[\n\0\ufffe]+/g, ' ')
          .trim(),
      );
    }
    assert.equal(withTags(written(null, 'a'), tags('a', ' ')), null, 'an empty label is left out');
  });

  it('does not change if the tags are the same', () => {
    assert.equal(withTags(written(null, 'cat', 'dog'), tags('cat', 'dog')), null);
    assert.equal(withTags(written(DIGIKAM, 'cat', 'dog'), tags('cat', 'dog')), null);
    assert.equal(withTags(DIGIKAM, tags()), null);
  });

  it('with text between its elements changes once, and not with every export', () => {
    const labels = { subjects: ['cat'], hierarchical: [] };
    const written = withTags(null, labels)?.replace('<assetlens:', 'text\n      <assetlens:') ?? assert.fail();
    const second = withTags(written, labels) ?? written;
    assert.ok(second.includes('text'));
    assert.equal(withTags(second, labels), null);
  });

  it('of another program keeps its content, to the character', () => {
    const merged = written(DIGIKAM, 'dog');
    assert.deepEqual(sidecarKeywords(merged).subjects, ['holiday', 'cat', 'dog']);
    const without = (text: string): string[] =>
      text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
    const lines = without(merged);
    for (const line of without(DIGIKAM.replace(/\s+(?=xmlns|xmp:R|digiKam:P)/g, ' '))) {
      assert.ok(lines.includes(line), `${line} is lost in\n${merged}`);
    }
  });

  it('loses the labels of an earlier export, but no keyword of another program', () => {
    const first = written(DIGIKAM, 'cat', 'dog', 'animal');
    assert.deepEqual(sidecarKeywords(first).subjects, ['holiday', 'cat', 'dog', 'animal']);
    const second = written(first, 'animal', 'bird');
    assert.deepEqual(sidecarKeywords(second).subjects, ['holiday', 'cat', 'animal', 'bird']);
    assert.deepEqual(sidecarKeywords(second).hierarchical, ['things|animal', 'things|bird']);
    const none = written(second);
    assert.deepEqual(sidecarKeywords(none), { subjects: ['holiday', 'cat'], hierarchical: [] });
    assert.ok(!none.includes('lr:hierarchicalSubject') && !none.includes('assetlens:'));
  });

  it('may use other prefixes for the same namespaces', () => {
    const other = DIGIKAM.replaceAll('dc:', 'd:')
      .replaceAll('rdf:', 'r:')
      .replace('xmlns:dc', 'xmlns:d')
      .replace('xmlns:rdf', 'xmlns:r');
    assert.deepEqual(sidecarKeywords(written(other, 'dog')).subjects, ['holiday', 'cat', 'dog']);
    const taken = DIGIKAM.replace('xmlns:digiKam=', 'xmlns:lr="urn:something:else" xmlns:digiKam=');
    assert.deepEqual(sidecarKeywords(written(taken, 'dog')).hierarchical, ['things|dog']);
  });

  it('keeps the XML declaration and the byte order mark', () => {
    const declared = `\ufeff<?xml version='1.0' encoding='utf-8'?>\n${DIGIKAM}`;
    assert.equal(withTags(declared, tags()), null);
    assert.ok(written(declared, 'dog').startsWith(declared.slice(0, 60)));
    assert.deepEqual(sidecarKeywords(written(declared, 'dog')).subjects, ['holiday', 'cat', 'dog']);
  });

  const refused: readonly (readonly [name: string, text: string])[] = [
    ['with broken XML', DIGIKAM.replace('</dc:subject>', '')],
    ['that is cut short', DIGIKAM.slice(0, 700)],
    ['that is empty', ''],
    ['in another encoding', `<?xml version="1.0" encoding="ISO-8859-1"?>${DIGIKAM}`],
    ['of HTML', '<html><body>x</body></html>'],
    ['of plain text', 'hello'],
    ['with a document type', `<!DOCTYPE x [<!ENTITY a "b">]>\n${DIGIKAM.replace(/<\?xpacket.*\?>/g, '')}`],
    [
      'with two RDF blocks',
      DIGIKAM.replace('</x:xmpmeta>', '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>'),
    ],
    ['with two lists', DIGIKAM.replace('</dc:subject>', '</dc:subject><dc:subject><rdf:Bag/></dc:subject>')],
    ['with keywords outside a list', DIGIKAM.replace(/<dc:subject>[^]*<\/dc:subject>/, '<dc:subject>cat</dc:subject>')],
    [
      'with keywords in an attribute',
      DIGIKAM.replace('xmp:Rating="4"', 'dc:subject="x"').replace(/<dc:subject>[^]*<\/dc:subject>/, ''),
    ],
    ['with a control character', DIGIKAM.replace('holiday', 'holi\u0001day')],
    ['with a reference to a control character', DIGIKAM.replace('holiday', 'holi&#1;day')],
    [
      'with a reference to a control character in an attribute',
      DIGIKAM.replace('xmp:Rating="4"', 'xmp:Rating="4&#x1;"'),
    ],
    ['with U+FFFF', DIGIKAM.replace('holiday', 'holi\uffffday')],
    ['with qualified keywords', DIGIKAM.replace('<rdf:li>cat</rdf:li>', '<rdf:li><rdf:value>cat</rdf:value></rdf:li>')],
  ];
  for (const [name, text] of refused) {
    it(`${name} is refused`, () => {
      assert.throws(() => withTags(text, tags('dog')), UserError);
    });
  }
});

describe('Sidecar files', () => {
  let scratch: string;
  const image = (name: string, ...labels: string[]) => ({
    file: path.join(scratch, name),
    tags: labels.map((label) => tag(label)),
  });
  const text = (name: string): Promise<string> => readFile(path.join(scratch, name), 'utf8');
  const never = new AbortController().signal;
  const nothing = (): void => undefined;

  beforeEach(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'assetlens sidecärs '));
  });
  afterEach(() => rm(scratch, { recursive: true, force: true }));

  it('are refused if they are links, pipes or very large, and nothing is read or written elsewhere', async function () {
    if (process.platform === 'win32') this.skip();
    await writeFile(path.join(scratch, 'elsewhere.xmp'), DIGIKAM);
    await symlink('elsewhere.xmp', path.join(scratch, 'a.png.xmp'));
    await symlink('missing.xmp', path.join(scratch, 'b.png.xmp'));
    execFileSync('mkfifo', [path.join(scratch, 'c.png.xmp')]);
    await writeFile(path.join(scratch, 'd.png.xmp'), `${DIGIKAM}${' '.repeat(8_000_000)}`);
    const images = ['a.png', 'b.png', 'c.png', 'd.png'].map((name) => image(name, 'cat'));
    const { refused, create, change } = await planSidecars(images, never);
    assert.deepEqual(change, []);
    const written = await writeSidecars(create, never, nothing);
    const reasons = [...refused, ...written.refused].map(({ file, reason }) => [path.basename(file), reason] as const);
    assert.deepEqual(reasons.map(([name]) => name).sort(), ['a.png.xmp', 'b.png.xmp', 'c.png.xmp', 'd.png.xmp']);
    const reasonOf = new Map(reasons);
    assert.match(reasonOf.get('a.png.xmp') ?? '', /ELOOP/);
    assert.match(reasonOf.get('c.png.xmp') ?? '', /it is a pipe, not a file/);
    assert.match(reasonOf.get('d.png.xmp') ?? '', /exceeds the limit of 8(\.0)? MB/);
    assert.deepEqual((await readdir(scratch)).includes('missing.xmp'), false);
  });

  it('are planned without writing, then written beside the images', async () => {
    await writeFile(path.join(scratch, 'b.png.xmp'), DIGIKAM, { mode: 0o640 });
    await writeFile(path.join(scratch, 'c.png.xmp'), 'no XMP');
    await writeFile(path.join(scratch, 'd.png.xmp'), Buffer.from('\ufeff<x/>', 'utf16le'));
    const images = [
      image('a.png', 'cat'),
      image('b.png', 'dog'),
      image('c.png', 'dog'),
      image('d.png', 'dog'),
      image('e.png'),
    ];
    const plan = await planSidecars(images, never);
    assert.deepEqual(
      [plan.create, plan.change].map((list) => list.map(({ file }) => path.basename(file))),
      [['a.png'], ['b.png']],
    );
    assert.deepEqual(
      plan.refused.map(({ file }) => path.basename(file)),
      ['c.png.xmp', 'd.png.xmp'],
    );
    assert.equal(await text('b.png.xmp'), DIGIKAM);

    let count = 0;
    const done = await writeSidecars([...plan.create, ...plan.change], never, (written) => (count = written));
    assert.deepEqual(done, { written: 2, refused: [], cancelled: false });
    assert.equal(count, 2);
    assert.deepEqual(sidecarKeywords(await text('a.png.xmp')).subjects, ['cat']);
    assert.deepEqual(sidecarKeywords(await text('b.png.xmp')).subjects, ['holiday', 'cat', 'dog']);
    assert.equal((await stat(path.join(scratch, 'b.png.xmp'))).mode & 0o777, 0o640);
    assert.equal(await text('c.png.xmp'), 'no XMP');
    assert.deepEqual((await readdir(scratch)).sort(), ['a.png.xmp', 'b.png.xmp', 'c.png.xmp', 'd.png.xmp']);
    const again = await planSidecars(images, never);
    assert.deepEqual([again.create, again.change], [[], []]);
  });

  it('are different for images that differ only in their extension', () => {
    assert.notEqual(sidecarOf('/a/b.png'), sidecarOf('/a/b.jpg'));
    assert.equal(sidecarOf('/a/b.png'), '/a/b.png.xmp');
  });

  it('that cannot be written are reported, and the others are written', async () => {
    await mkdir(path.join(scratch, 'a.png.xmp'));
    const { refused } = await writeSidecars([image('a.png', 'cat'), image('b.png', 'dog')], never, nothing);
    assert.deepEqual(
      refused.map(({ file }) => path.basename(file)),
      ['a.png.xmp'],
    );
    assert.deepEqual(sidecarKeywords(await text('b.png.xmp')).subjects, ['dog']);
  });

  it('are reported if their folder does not exist', async () => {
    const { refused } = await writeSidecars([image('gone/a.png', 'cat'), image('b.png', 'cat')], never, nothing);
    assert.deepEqual(
      refused.map(({ file }) => path.basename(file)),
      ['a.png.xmp'],
    );
    assert.deepEqual(sidecarKeywords(await text('b.png.xmp')).subjects, ['cat']);
  });

  it('with invalid characters are refused, and the others are planned and written', async () => {
    await writeFile(path.join(scratch, 'a.png.xmp'), DIGIKAM.replace('holiday', 'holi&#1;day'));
    const images = [image('a.png', 'dog'), image('b.png', 'dog')];
    const plan = await planSidecars(images, never);
    assert.deepEqual(
      plan.refused.map(({ file }) => path.basename(file)),
      ['a.png.xmp'],
    );
    assert.match(plan.refused[0]?.reason ?? '', /text that XML does not allow/);
    const { written, refused } = await writeSidecars(images, never, nothing);
    assert.deepEqual([written, refused.length], [1, 1]);
  });

  it('are not written after a cancellation', async () => {
    await assert.rejects(planSidecars([image('a.png', 'cat')], AbortSignal.abort()), { name: 'AbortError' });
    const done = await writeSidecars([image('a.png', 'cat')], AbortSignal.abort(), nothing);
    assert.deepEqual(done, { written: 0, refused: [], cancelled: true });
    assert.deepEqual(await readdir(scratch), []);
  });

  it('that were written before a cancellation are counted, and those that could not be written are reported', async () => {
    await mkdir(path.join(scratch, 'a.png.xmp'));
    const cancelling = new AbortController();
    const images = ['a.png', 'b.png', 'c.png'].map((name) => image(name, 'cat'));
    const { written, refused, cancelled } = await writeSidecars(images, cancelling.signal, () => {
      cancelling.abort();
    });
    assert.deepEqual([written, refused.map(({ file }) => path.basename(file)), cancelled], [1, ['a.png.xmp'], true]);
    assert.deepEqual((await readdir(scratch)).sort(), ['a.png.xmp', 'b.png.xmp']);
  });
});
