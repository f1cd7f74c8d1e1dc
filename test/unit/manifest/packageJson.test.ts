/** Checks that package.json agrees with the source, the translations and the documents. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

interface Command {
  readonly command: string;
  readonly title: string;
  readonly category?: string;
  readonly enablement?: string;
}
interface MenuItem {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
}
interface Setting {
  readonly type?: string;
  readonly scope?: string;
  readonly default?: unknown;
  readonly description?: string;
  readonly markdownDescription?: string;
}
interface Manifest {
  readonly engines: { readonly vscode: string };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly activationEvents: readonly string[];
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations?: readonly string[] } };
  readonly contributes: {
    readonly commands: readonly Command[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly keybindings?: readonly { readonly command: string; readonly when?: string }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string; readonly when?: string }[]>>;
    readonly viewsContainers: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly viewsWelcome?: readonly { readonly view: string; readonly when?: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, Setting>> };
    readonly languageModelTools?: readonly { readonly name: string }[];
  };
}

const manifestText = read('package.json');
const manifest = JSON.parse(manifestText) as Manifest;
const { commands, menus, keybindings = [], views, viewsWelcome = [], configuration } = manifest.contributes;
const texts = JSON.parse(read('package.nls.json')) as Readonly<Record<string, string>>;
const source = globSync('src/**/*.ts', { cwd: root }).map(read).join('\n');
const commandIds = new Set(commands.map(({ command }) => command));
const viewIds = new Set(Object.values(views).flatMap((list) => list.map(({ id }) => id)));

/** Every string of the manifest, whatever its key. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
}

/** Quoted identifiers in the source, with the code before each occurrence. */
const quotations = Map.groupBy(source.matchAll(/(['"`])([\w.-]+)\1/g), ([, , id]) => id);

function quoted(id: string): string[] {
  return (quotations.get(id) ?? []).map(({ index }) => source.slice(Math.max(0, index - 40), index).trimEnd());
}

describe('package.json', () => {
  describe('texts', () => {
    const used = new Set(strings(manifest).flatMap((text) => /^%(.+)%$/.exec(text)?.[1] ?? []));

    it('are all in package.nls.json, and nothing else is', () => {
      assert.deepEqual([...used].sort(), Object.keys(texts).sort());
    });

    it('link to commands that exist', () => {
      const linked = Object.values(texts).flatMap((text) =>
        [...text.matchAll(/\(command:([\w.]+)/g)].map(([, id]) => id ?? ''),
      );
      assert.ok(linked.length > 0);
      assert.deepEqual(
        linked.filter((id) => !commandIds.has(id) && !/^(vscode|workbench)\./.test(id)),
        [],
      );
    });
  });

  describe('commands', () => {
    it('have a title to translate, and the category of the extension', () => {
      for (const { command, title, category } of commands) {
        assert.match(title, /^%.+%$/, command);
        assert.match(category ?? '', /^(AssetLens|%.+%)$/, command);
      }
      assert.equal(commandIds.size, commands.length);
    });

    for (const id of commandIds) {
      it(`${id} is registered in the source`, () => {
        const calls = quoted(id).filter((before) => !/(executeCommand\(|command:)$/.test(before));
        assert.ok(calls.length > 0);
      });

      it(`${id} can be reached`, () => {
        const inPalette = !menus['commandPalette']?.some(({ command, when }) => command === id && when === 'false');
        const inMenu = Object.entries(menus).some(
          ([menu, items]) => menu !== 'commandPalette' && items.some(({ command }) => command === id),
        );
        const byKey = keybindings.some(({ command }) => command === id);
        const bySource =
          quoted(id).some((before) => /(executeCommand\(|command:)$/.test(before)) || source.includes(`command:${id}`);
        assert.ok(inPalette || inMenu || byKey || bySource);
      });
    }

    it('in the title bar of a view do not act on its rows: the editor passes them the focused row', () => {
      const inTitle = (menus['view/title'] ?? []).map(({ command }) => command);
      const onRows = (menus['view/item/context'] ?? []).map(({ command }) => command);
      assert.deepEqual(
        inTitle.filter((command) => onRows.includes(command)),
        [],
      );
    });

    it('are the only ones that menus, keys and registrations name', () => {
      const named = [...Object.values(menus).flat(), ...keybindings].flatMap(({ command }) => command ?? []);
      const registered = [...source.matchAll(/registerCommand\(\s*'([^']+)'/g)].map(([, id]) => id ?? '');
      // By convention, an id that begins with "_" after the section is only for code.
      const unknown = [...named, ...registered].filter((id) => !commandIds.has(id) && !/^(assetlens\._|_)/.test(id));
      assert.deepEqual(unknown, []);
    });
  });

  describe('when clauses', () => {
    const clauses = [
      ...commands.map(({ enablement }) => enablement),
      ...Object.values(menus).flatMap((items) => items.map(({ when }) => when)),
      ...keybindings.map(({ when }) => when),
      ...Object.values(views).flatMap((list) => list.map(({ when }) => when)),
      ...viewsWelcome.map(({ when }) => when),
    ].filter((clause) => clause !== undefined);
    /** One comparison or key: `view == assetlens.tags`, `!inputFocus`. */
    const conditions = clauses.flatMap((clause) => conditionsOf(clause));

    it('use context keys that the editor or the source sets', () => {
      const unknown = conditions.map(({ key }) => key).filter((key) => !EDITOR_KEYS.has(key) && !isSet(key));
      assert.deepEqual([...new Set(unknown)], []);
    });

    it('name views that exist', () => {
      const named = conditions.filter(({ key }) => ['view', 'focusedView'].includes(key)).map(({ value }) => value);
      assert.ok(named.length > 0);
      assert.deepEqual(
        [...new Set(named)].filter((id) => !viewIds.has(id)),
        [],
      );
      assert.deepEqual(
        viewsWelcome.map(({ view }) => view).filter((id) => !viewIds.has(id)),
        [],
      );
    });

    it('use kinds of tree items that the source creates', () => {
      const kinds = conditions
        .filter(({ key }) => key === 'viewItem')
        .flatMap(({ value }) => value.replaceAll('\\b', ' ').match(/[a-zA-Z]{3,}/g) ?? []);
      assert.deepEqual(
        [...new Set(kinds)].filter((kind) => !new RegExp(`['"\` ]${kind}['"\` ]`).test(source)),
        [],
      );
    });

    it('contain valid regular expressions', () => {
      for (const { value } of conditions.filter(({ operator }) => operator === '=~')) {
        const [, pattern, flags] = /^\/(.+)\/([a-z]*)$/.exec(value) ?? [];
        assert.ok(pattern !== undefined, value);
        assert.doesNotThrow(() => new RegExp(pattern, flags), value);
      }
    });
  });

  describe('views', () => {
    it('are in containers that exist, and are provided by the source', () => {
      const containers = Object.values(manifest.contributes.viewsContainers).flatMap((list) =>
        list.map(({ id }) => id),
      );
      for (const [container, list] of Object.entries(views)) {
        assert.ok([...containers, 'explorer', 'scm', 'debug', 'test'].includes(container), container);
        for (const { id } of list) assert.ok(quoted(id).length > 0, id);
      }
    });
  });

  describe('settings', () => {
    const settings = Object.entries(configuration.properties);
    const settingsSource = read('src/workspace/settings.ts');
    const table = read('docs/settings.md');

    for (const [id, setting] of settings) {
      const key = id.replace(/^assetlens\./, '');

      it(`${id} has a scope, a default and a description`, () => {
        assert.match(id, /^assetlens\./);
        assert.ok(setting.scope !== undefined && 'default' in setting);
        assert.match(setting.markdownDescription ?? setting.description ?? '', /^%.+%$/);
      });

      it(`${id} is read in settings.ts and explained in docs/settings.md`, () => {
        assert.ok(settingsSource.includes(`'${key}'`), 'settings.ts does not read it');
        assert.ok(table.includes(`\n| \`${id}\` |`), 'docs/settings.md does not explain it');
      });
    }

    it('are the same in settings.ts and docs/settings.md', () => {
      const keys = /export const keys = \{([\s\S]+?)\} as const/.exec(settingsSource)?.[1] ?? '';
      const known = [...keys.matchAll(/'([\w.]+)'/g)].map(([, key = '']) => `assetlens.${key}`);
      const documented = [...table.matchAll(/^\| `(assetlens\.[\w.]+)` \|/gm)].map(([, id]) => id ?? '');
      const ids = settings.map(([id]) => id).sort();
      assert.deepEqual(known.sort(), ids);
      assert.deepEqual(documented.sort(), ids);
    });

    it('with labels, globs or files are not read from an untrusted workspace', () => {
      const { restrictedConfigurations = [] } = manifest.capabilities.untrustedWorkspaces;
      /** Settings that can only turn a feature on or off, or are a number. */
      const isHarmless = ({ type }: (typeof settings)[number][1]): boolean => type === 'boolean' || type === 'number';
      const needed = settings.filter(([id, setting]) => !isHarmless(setting) || id === 'assetlens.followLinks');
      const machine = needed.filter(([, { scope }]) => scope === 'machine').map(([id]) => id);
      for (const [id] of needed) assert.ok(restrictedConfigurations.includes(id) || machine.includes(id), id);
      assert.deepEqual(
        restrictedConfigurations.filter((id) => !(id in configuration.properties)),
        [],
      );
    });
  });

  it('activates the extension no earlier than it must', () => {
    assert.deepEqual(
      manifest.activationEvents.filter((event) => !(event in JUSTIFIED_ACTIVATION)),
      [],
    );
  });

  it('names pictures and files that exist', () => {
    const files = strings(manifest.contributes)
      .concat(strings({ ...manifest, contributes: {} }))
      .filter((text) => /^(\.\/)?(media|l10n)\/[^*]+$/.test(text));
    assert.ok(files.length > 0);
    assert.deepEqual(
      [...new Set(files)].filter((file) => !existsSync(path.join(root, file))),
      [],
    );
  });

  it('names tools for agents that the source registers', () => {
    for (const { name } of manifest.contributes.languageModelTools ?? []) assert.ok(quoted(name).length > 0, name);
  });

  it('is checked against the types of the oldest editor that it allows', () => {
    assert.equal(manifest.engines.vscode, `^${manifest.devDependencies['@types/vscode'] ?? ''}`);
  });
});

/** Activation events, with the reason for each. */
const JUSTIFIED_ACTIVATION: Readonly<Record<string, string>> = {
  onStartupFinished: 'folders that were tagged once are kept up to date in the background',
};

/** Context keys of the editor that the manifest uses. */
const EDITOR_KEYS = new Set([
  ...['view', 'viewItem', 'focusedView', 'listFocus', 'inputFocus', 'listMultiSelection', 'false', 'true'],
  ...['workspaceFolderCount', 'isWorkspaceTrusted', 'virtualWorkspace', 'isWeb'],
  ...['resourceScheme', 'resourceExtname', 'resourceFilename', 'resourceLangId', 'explorerResourceIsFolder'],
  ...['activeCustomEditorId', 'activeWebviewPanelId', 'activeEditor', 'editorLangId', 'editorTextFocus', 'webviewId'],
]);

interface Condition {
  readonly key: string;
  readonly operator: string;
  readonly value: string;
}

/** The comparisons of a when clause. Regular expressions must not contain "&&". */
function conditionsOf(clause: string): Condition[] {
  return clause.split(/&&|\|\|/).map((part) => {
    const [, key = '', operator = '', value = ''] =
      /^[\s!(]*([\w.:-]+)\s*(?:(==|!=|=~|<=?|>=?|not in|in)\s*(.+?))?[\s)]*$/.exec(part) ?? [];
    assert.notEqual(key, '', `cannot read "${part}"`);
    return { key, operator, value: operator === '=~' ? value : value.replace(/^'(.*)'$/, '$1') };
  });
}

/** Whether the source sets a context key of the extension, or the key is a setting. */
function isSet(key: string): boolean {
  if (key.startsWith('config.')) return key.slice('config.'.length) in configuration.properties;
  return galleryKeys.has(key) || quoted(key).some((before) => /setContext['"],$/.test(before));
}

/** Context keys that the page of the gallery sets for the images of a menu. */
const galleryKeys = new Set(
  /const context = \{([^}]+)\}/
    .exec(read('src/webview/page/gallery/menuContext.ts'))?.[1]
    ?.match(/\w+(?=\s*[:,}]|\s*$)/g),
);
