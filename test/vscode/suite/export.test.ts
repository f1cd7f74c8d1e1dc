import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { planSidecars, writeSidecars } from '../../../src/providers/exportTags/sidecarFiles.ts';
import { tagRows, tagsAsJson } from '../../../src/providers/exportTags/tagFiles.ts';
import { sidecarKeywords } from '../../unit/providers/exportTags/sidecarKeywords.ts';
import { services, tagWorkspace, workspaceFolder } from './extension.ts';

/** The dialogs need a user; these tests run the code behind them on the sample workspace. */
describe('Exporting tags', () => {
  before(tagWorkspace);

  it('lists every image of the index, as JSON and as CSV', async () => {
    const [folder] = (await services()).folders.all();
    assert.ok(folder);
    const { images } = await folder.tags();
    assert.ok(images.length > 10);
    const parsed = JSON.parse(tagsAsJson([{ name: folder.name, images }], 'm')) as {
      folders: [{ images: { path: string; tags: { label: string }[] }[] }];
    };
    assert.deepEqual(
      parsed.folders[0].images.map(({ path: file }) => file),
      images.map(({ path: file }) => file),
    );
    assert.ok(
      parsed.folders[0].images
        .find(({ path: file }) => file === 'web/icons/a.svg')
        ?.tags.some(({ label }) => label === 'camera'),
    );
    const rows = tagRows([{ name: folder.name, images }]);
    assert.ok(rows.some(([, file, label]) => file === 'web/icons/a.svg' && label === 'camera'));
  });

  it('writes sidecars that contain the labels, and merges with an existing sidecar', async () => {
    const [folder] = (await services()).folders.all();
    assert.ok(folder);
    const root = workspaceFolder().uri.fsPath;
    const { images } = await folder.tags();
    const all = images.map((image) => ({ file: path.join(root, image.path), tags: image.tags }));
    const existing = path.join(root, 'web/icons/b.svg.xmp');
    const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
    await writeFile(
      existing,
      `<rdf:RDF xmlns:rdf="${rdf}"><rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="5"/></rdf:RDF>`,
    );
    try {
      const { signal } = new AbortController();
      const plan = await planSidecars(all, signal);
      assert.equal(plan.create.length + plan.change.length, images.filter(({ tags }) => tags.length > 0).length);
      assert.deepEqual(
        plan.change.map(({ file }) => `${file}.xmp`),
        [existing],
      );
      const work = [...plan.create, ...plan.change];
      const done = await writeSidecars(work, signal, () => undefined);
      assert.deepEqual(done, { written: work.length, refused: [], cancelled: false });
      const { subjects } = sidecarKeywords(await readFile(path.join(root, 'web/icons/a.svg.xmp'), 'utf8'));
      assert.ok(subjects.includes('camera'));
      assert.match(await readFile(existing, 'utf8'), /xmp:Rating="5"[^]*camera/);
    } finally {
      const files = await readdir(root, { recursive: true });
      for (const file of files.filter((name) => name.endsWith('.xmp'))) await rm(path.join(root, file));
    }
  });
});
