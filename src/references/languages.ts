/**
 * Languages, grouped by their syntax of image references. "component" is a single-file component, with an HTML template
 * and paths that a bundler resolves. "script" is JavaScript or TypeScript. "plain" is any other text.
 */
export type Language =
  'markdown' | 'mdx' | 'html' | 'component' | 'jsx' | 'script' | 'css' | 'restructuredtext' | 'asciidoc' | 'plain';

interface Names {
  /** Language identifiers of the editor. */
  readonly ids: readonly string[];
  /** Extensions of files, without the dot and in lower case. */
  readonly extensions: readonly string[];
}

const NAMES: Readonly<Record<Exclude<Language, 'plain'>, Names>> = {
  markdown: { ids: ['markdown', 'quarto', 'rmd'], extensions: ['md', 'markdown', 'mkd', 'qmd', 'rmd'] },
  mdx: { ids: ['mdx'], extensions: ['mdx'] },
  html: {
    ids: ['html', 'handlebars', 'php', 'jinja-html', 'django-html', 'razor', 'pug', 'jade', 'xml'],
    extensions: ['html', 'htm', 'xhtml', 'hbs', 'handlebars', 'php', 'cshtml', 'pug', 'xml', 'svg'],
  },
  component: { ids: ['vue', 'svelte', 'astro'], extensions: ['vue', 'svelte', 'astro'] },
  jsx: { ids: ['javascriptreact', 'typescriptreact'], extensions: ['jsx', 'tsx'] },
  script: { ids: ['javascript', 'typescript'], extensions: ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts'] },
  css: {
    ids: ['css', 'scss', 'sass', 'less', 'stylus', 'postcss'],
    extensions: ['css', 'scss', 'sass', 'less', 'styl', 'pcss', 'postcss'],
  },
  restructuredtext: { ids: ['restructuredtext'], extensions: ['rst', 'rest'] },
  asciidoc: { ids: ['asciidoc'], extensions: ['adoc', 'asciidoc', 'asc'] },
};

const BY_ID = languagesBy(({ ids }) => ids);
const BY_EXTENSION = languagesBy(({ extensions }) => extensions);

function languagesBy(names: (entry: Names) => readonly string[]): ReadonlyMap<string, Language> {
  const entries = Object.entries(NAMES) as [Language, Names][];
  return new Map(entries.flatMap(([language, entry]) => names(entry).map((name) => [name, language] as const)));
}

/**
 * Returns the language of a document.
 * @param file path of the document, whose extension determines the language if the identifier does not
 * @param id the editor's language identifier; undefined for a file on the disk
 */
export function languageOf(file: string, id?: string): Language {
  const extension = /\.([^./\\]+)$/.exec(file)?.[1]?.toLowerCase() ?? '';
  return (id === undefined ? undefined : BY_ID.get(id)) ?? BY_EXTENSION.get(extension) ?? 'plain';
}

/** Languages that have a notation for an image. */
export const IMAGE_LANGUAGES = [
  'markdown',
  'mdx',
  'html',
  'component',
  'jsx',
  'css',
  'restructuredtext',
  'asciidoc',
] as const satisfies readonly Language[];
export type ImageLanguage = (typeof IMAGE_LANGUAGES)[number];

/**
 * Languages whose images can have an alternative text. A JavaScript file may contain JSX, regardless of its extension.
 */
export const DESCRIBABLE_LANGUAGES = [
  'markdown',
  'mdx',
  'html',
  'component',
  'jsx',
  'script',
  'restructuredtext',
  'asciidoc',
] as const satisfies readonly Language[];

export function isImageLanguage(language: Language): language is ImageLanguage {
  return (IMAGE_LANGUAGES as readonly Language[]).includes(language);
}

/** Returns the editor's language identifiers of some languages. */
export function languageIds(languages: readonly Exclude<Language, 'plain'>[]): string[] {
  return languages.flatMap((language) => NAMES[language].ids);
}
