import { registerHooks } from 'node:module';

/** A setting of the editor, by the place where it is written. */
export interface WrittenSetting {
  readonly defaultValue?: unknown;
  readonly globalValue?: unknown;
  readonly workspaceValue?: unknown;
}

/** The part of the module `vscode` that settings and folders use. Tests set its state. */
export const editor = {
  isTrusted: true,
  /** By section and key, such as "files.exclude". */
  settings: {} as Record<string, WrittenSetting>,
  /** Messages that were shown. */
  shown: [] as string[],
};

const show = (message: string): Promise<undefined> => {
  editor.shown.push(message);
  return Promise.resolve(undefined);
};

const merged = ({ defaultValue, globalValue, workspaceValue }: WrittenSetting): unknown =>
  [defaultValue, globalValue, workspaceValue].reduce((below, above) =>
    isObject(below) && isObject(above) ? { ...below, ...above } : (above ?? below),
  );

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fake = {
  workspace: {
    get isTrusted() {
      return editor.isTrusted;
    },
    getConfiguration: (section: string) => ({
      get: (key: string, standard?: unknown) => merged(editor.settings[`${section}.${key}`] ?? {}) ?? standard,
      inspect: (key: string) => editor.settings[`${section}.${key}`],
    }),
  },
  window: { showErrorMessage: show, showWarningMessage: show },
  l10n: {
    t: (message: string, ...values: unknown[]) => message.replace(/\{(\d)\}/g, (_, i) => String(values[Number(i)])),
  },
  CancellationError: class extends Error {},
};

const KEY = 'assetlensFakeVscode';
const SOURCE = Object.keys(fake)
  .map((name) => `export const ${name} = globalThis.${KEY}.${name};`)
  .join('\n');

/** Makes `import 'vscode'` give the fake, for modules that are imported with `import()` from now on. */
export function useFakeVscode(): Disposable {
  Object.assign(globalThis, { [KEY]: fake });
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'vscode'
        ? { url: `data:text/javascript,${encodeURIComponent(SOURCE)}`, shortCircuit: true }
        : next(specifier, context),
  });
  return {
    [Symbol.dispose]() {
      hooks.deregister();
    },
  };
}
