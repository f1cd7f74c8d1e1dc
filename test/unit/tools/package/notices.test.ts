import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spdxTexts, thirdPartyNotices } from '../../../../tools/package/notices.ts';

const root = path.resolve(import.meta.dirname, '../../../..');
const installed = (name: string) => ({ name, folder: path.join(root, 'node_modules', name) });

describe('Third-party notices', () => {
  let scratch = '';
  before(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'assetlens-notices-'));
  });
  after(() => rm(scratch, { recursive: true }));

  const write = async (name: string, files: Readonly<Record<string, string>>) => {
    const folder = path.join(scratch, name);
    await mkdir(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, file), text);
    return { name, folder };
  };

  it("contain each package's own texts, sorted by name", async () => {
    const text = await thirdPartyNotices([installed('zod'), installed('entities')]);
    assert.match(
      text,
      /\nentities \S+ \(BSD-2-Clause\)[\s\S]+Felix Böhm[\s\S]+\nzod \S+ \(MIT\)[\s\S]+Colin McDonnell/,
    );
  });

  it('contain the notices of the libraries inside ONNX Runtime', async () => {
    const text = await thirdPartyNotices([installed('onnxruntime-node')]);
    assert.match(text, /Copyright \(c\) Microsoft Corporation/);
    assert.match(text, /Eigen/);
  });

  it("contain the licences of the libraries inside sharp's binaries", async () => {
    const readme = '# x\n\n## Licensing\n\n| libvips | LGPLv3 |\n\n## Other\n\nnot this\n';
    const shipped = await write('binary', {
      'package.json': '{"version":"1.0.0","license":"Apache-2.0 AND LGPL-3.0-or-later"}',
      LICENSE: 'The text of the package.',
      'README.md': readme,
    });
    const text = await thirdPartyNotices([shipped]);
    for (const part of ['The text of the package.', 'GNU LESSER GENERAL PUBLIC LICENSE', '| libvips | LGPLv3 |']) {
      assert.ok(text.includes(part), part);
    }
    assert.ok(!text.includes('not this'));
  });

  it('contain the text of the SPDX licence for a package without a text', async () => {
    const manifest = '{"version":"2.0.0","license":"BSD-3-Clause","author":"Ada Lovelace"}';
    const text = await thirdPartyNotices([await write('bare', { 'package.json': manifest })]);
    assert.match(text, /bare 2\.0\.0 \(BSD-3-Clause\)[\s\S]+Copyright: Ada Lovelace[\s\S]+Redistribution and use/);
    assert.equal(spdxTexts('(Apache-2.0 AND BSD-3-Clause)').length, 2);
  });

  it('contain the licence of the weights that the bundled model began with', async () => {
    const text = await thirdPartyNotices([]);
    assert.match(text, /EfficientNet-Lite0[\s\S]+ML Illustrated[\s\S]+Apache License\s+Version 2\.0/);
  });

  it('fail for a package without a licence, and for texts of another version', async () => {
    await assert.rejects(
      thirdPartyNotices([await write('none', { 'package.json': '{"version":"1.0.0"}' })]),
      /has no licence/,
    );
    const other = {
      ...(await write('ort', { 'package.json': '{"version":"9.9.9","license":"MIT"}' })),
      name: 'onnxruntime-node',
    };
    await assert.rejects(thirdPartyNotices([other]), /not of version 9\.9\.9/);
    assert.throws(() => spdxTexts('No-Such-Licence'));
  });
});
