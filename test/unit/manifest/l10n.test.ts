import { getL10nJson } from '@vscode/l10n-dev';
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const json = (file: string): Record<string, string> => JSON.parse(read(file)) as Record<string, string>;
const placeholders = (text: string): string[] => (text.match(/\{\d+\}/g) ?? []).sort();
/** Parts that a translation must not change: links to commands and settings. */
const links = (text: string): string[] => (text.match(/command:[\w.]+|#[\w.]+#|`[^`]+`/g) ?? []).sort();

describe('Localisation', () => {
  it('has every message of the source in its bundle: npm run l10n writes it', async function () {
    this.timeout(60_000); // a parser for TypeScript reads all of it
    const files = globSync('src/**/*.ts', { cwd: root }).sort();
    const found = await getL10nJson(files.map((file) => ({ extension: '.ts' as const, contents: read(file) })));
    assert.deepEqual(Object.keys(json('l10n/bundle.l10n.json')).sort(), Object.keys(found).sort());
  });

  for (const file of globSync('package.nls*.json', { cwd: root })) {
    it(`has one button in each welcome text of ${file}: the first step`, () => {
      const welcome = Object.entries(json(file)).filter(([key]) => key.startsWith('welcome.'));
      assert.equal(welcome.length, 3);
      for (const [key, text] of welcome) {
        // The editor shows a line that is only a link as a button, and other links as links.
        const buttons = text.split('\n').filter((line) => /^\[[^\]]+\]\([^)]+\)$/.test(line));
        assert.equal(buttons.length, 1, key);
      }
      assert.match(
        welcome.find(([key]) => key === 'welcome.start')?.[1] ?? '',
        /\n\[[^\]]+\]\(command:assetlens\.tagWorkspace\)\n/,
      );
    });

    it(`tells the limits of the bundled model in ${file}, before the first step`, () => {
      for (const key of ['welcome.start', 'walkthrough.tag.description']) {
        assert.match(
          json(file)[key] ?? '',
          /(drawings|Zeichnungen).*(photos|Fotos).*command:assetlens\.chooseModel/,
          key,
        );
      }
    });
  }

  for (const file of globSync(['l10n/bundle.l10n.*.json', 'package.nls.*.json'], { cwd: root })) {
    it(`has a translation of every message in ${file}, with its placeholders and links`, () => {
      const original = json(file.startsWith('l10n') ? 'l10n/bundle.l10n.json' : 'package.nls.json');
      const translated = json(file);
      assert.deepEqual(Object.keys(translated).sort(), Object.keys(original).sort());
      for (const [key, text] of Object.entries(original)) {
        assert.notEqual(translated[key]?.trim(), '', key);
        assert.deepEqual(placeholders(translated[key] ?? ''), placeholders(text), key);
        assert.deepEqual(links(translated[key] ?? ''), links(text), key);
      }
    });
  }
});
