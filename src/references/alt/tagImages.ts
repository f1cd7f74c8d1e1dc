import { altAttribute } from './altText.ts';
import type { Language } from '../languages.ts';
import { tagsIn, type Attribute, type Tag } from './tags.ts';
import type { Range, UndescribedImage } from './undescribedImage.ts';

/** Languages in which braces enclose expressions, and in which elements may be components. */
const HAS_COMPONENTS: ReadonlySet<Language> = new Set(['mdx', 'component', 'jsx', 'script']);

/**
 * Yields the image elements without alternative text that start in a range: `<img>`, and components such as `<Image>`.
 */
export function* tagImages(text: string, language: Language, range: Range): Generator<UndescribedImage> {
  const hasComponents = HAS_COMPONENTS.has(language);
  for (const tag of tagsIn(text, range, hasComponents)) {
    if (!isImage(tag.name, hasComponents) || tag.hasSpread || tag.attributes.has('v-bind')) continue;
    const source = attributeOf(tag, 'src');
    const path = source && pathOf(source, text);
    const alt = attributeOf(tag, 'alt');
    if (!path || (alt && !isEmpty(alt))) continue;
    yield {
      path,
      start: tag.start,
      end: tag.end,
      edit: (altText) => {
        const written = altAttribute(altText);
        return alt
          ? { start: alt.start, end: alt.end, text: written }
          : { start: source.end, end: source.end, text: ` ${written}` };
      },
    };
  }
}

/** Tells whether an element shows an image. For a component, only its name indicates this. */
function isImage(name: string, hasComponents: boolean): boolean {
  if (name.toLowerCase() === 'img') return true;
  return hasComponents && /^[A-Z]|[-.:]/.test(name) && /img|image|picture|avatar/i.test(name);
}

/** Returns the attribute of a name. In Vue and Svelte, it may be bound to an expression. */
function attributeOf({ attributes }: Tag, name: string): Attribute | undefined {
  const bound = attributes.get(`:${name}`) ?? attributes.get(`v-bind:${name}`) ?? attributes.get(`bind:${name}`);
  return attributes.get(name) ?? (bound && { ...bound, isExpression: true });
}

function isEmpty({ value, isExpression }: Attribute): boolean {
  return (isExpression ? value.replace(/^\s*(["'`])\s*\1\s*$/, '') : value).trim() === '';
}

/** Returns the path in an attribute: a string, an argument of require() or new URL(), or the path of an import. */
function pathOf({ value, isExpression }: Attribute, text: string): string | undefined {
  if (!isExpression) return value;
  const string = /^\s*(?:require\(\s*|new\s+URL\(\s*)?(["'`])([^"'`]+)\1/.exec(value)?.[2];
  if (string !== undefined) return string;
  const name = /^\s*([\p{L}_$][\p{L}\d_$]*)(?:\.(?:src|default))?\s*$/u.exec(value)?.[1];
  return name === undefined ? undefined : importedFrom(text, name);
}

/** import name from 'path', import * as name from 'path', const name = require('path') */
function importedFrom(text: string, name: string): string | undefined {
  const written = name.replaceAll('$', '\\$');
  const pattern = new RegExp(
    String.raw`\bimport\s+(?:\*\s*as\s+)?${written}\s*(?:,[^'"]*)?\bfrom\s*(["'])([^"'\n]+)\1` +
      String.raw`|\b(?:const|let|var)\s+${written}\s*=\s*(?:require\(\s*|new\s+URL\(\s*)(["'])([^"'\n]+)\3`,
  );
  const match = pattern.exec(text);
  return match?.[2] ?? match?.[4];
}
