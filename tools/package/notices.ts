import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/** A package whose code or binary a VSIX holds. */
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

/** Texts that a package's makers publish elsewhere: `<name>@<version>/`, from the same version's Python wheel for onnxruntime. */
const ownTexts = path.join(import.meta.dirname, 'notices');
const LICENCE_FILE = /^(licen[cs]e|copying|notice|third.?party.?notices)/i;
const RULE = '='.repeat(100);

/**
 * Third-party notices: for each package its name, version and licence, then the texts that come with it. A package without
 * a text gets the text of its SPDX licence; one whose licence cannot be told is an error.
 */
export async function thirdPartyNotices(packages: readonly ShippedPackage[]): Promise<string> {
  const sorted = packages.toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
  const sections: string[] = [];
  for (const shipped of sorted) sections.push(await section(shipped));
  return [
    'AssetLens contains the following third-party software.',
    'What the bundled model learned from is named in the ATTRIBUTIONS.md beside its card.',
    '',
    ...sections,
  ].join('\n');
}

async function section({ name, folder }: ShippedPackage): Promise<string> {
  const file = path.join(folder, 'package.json');
  const { version, license, author, homepage } = JSON.parse(await readFile(file, 'utf8')) as PackageJson;
  if (license === undefined) throw new Error(`${name} ${version} names no licence.`);
  const files = await textsOf(name, version, folder);
  const holder = typeof author === 'string' ? author : (author?.name ?? 'see the package');
  const texts = files.length > 0 ? files : [`Copyright: ${holder}`];
  // Where several licences hold together, a package brings the text of one at most.
  if (files.length === 0 || license.includes(' AND ')) texts.push(...spdxTexts(license));
  texts.push(...(await licensingOf(folder)));
  const origin = homepage === undefined ? '' : `\n${homepage}`;
  return [RULE, `${name} ${version} (${license})${origin}`, RULE, '', texts.join('\n\n'), ''].join('\n');
}

async function textsOf(name: string, version: string, folder: string): Promise<string[]> {
  const own = path.join(ownTexts, `${name}@${version}`);
  if (existsSync(own)) return readTexts(own);
  if (existsSync(ownTexts) && (await readdir(ownTexts)).some((entry) => entry.startsWith(`${name}@`))) {
    throw new Error(`tools/package/notices has texts of ${name}, but not of version ${version}.`);
  }
  return readTexts(folder);
}

async function readTexts(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name)).map(({ name }) => name);
  return Promise.all(files.sort().map(async (name) => (await readFile(path.join(folder, name), 'utf8')).trim()));
}

/** What a package's README says of its licences: sharp lists there the libraries inside its binaries. */
async function licensingOf(folder: string): Promise<string[]> {
  const readme = path.join(folder, 'README.md');
  if (!existsSync(readme)) return [];
  const chapter = /^## Licen[cs]ing\n([\s\S]+?)(?=^## |$(?![\s\S]))/m.exec(await readFile(readme, 'utf8'))?.[1];
  return chapter === undefined ? [] : [chapter.trim()];
}

/** The texts of all licences that an SPDX expression names. */
export function spdxTexts(expression: string): string[] {
  const ids = expression.split(/[\s()]+/).filter((word) => word !== '' && !['AND', 'OR', 'WITH'].includes(word));
  const require = createRequire(import.meta.url);
  return ids.map((id) => {
    const { licenseText } = require(`spdx-license-list/licenses/${id}.json`) as { licenseText: string };
    return licenseText.trim();
  });
}
