import { color, serializeRGB } from '@csstools/css-color-parser';
import { parseComponentValue } from '@csstools/css-parser-algorithms';
import { tokenize } from '@csstools/css-tokenizer';
import parseValue, { type Node } from 'postcss-value-parser';

/** Functions whose result is a colour. */
const COLOUR_FUNCTION = /^(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix)$/i;
const MOST_DEPTH = 16;
/** Characters of a value after its variables are replaced. */
const MOST_LENGTH = 4096;

/**
 * Replaces the variables of a value (CSS Custom Properties, section 3).
 * @param variables values of the custom properties of the element, with their variables replaced
 * @returns null where a variable has no value and no fallback, which makes the declaration invalid
 */
export function replaceVariables(value: string, variables: ReadonlyMap<string, string>, depth = 0): string | null {
  if (!/var\(/i.test(value)) return value;
  if (depth > MOST_DEPTH) return null;
  const parsed = parseValue(value);
  let isInvalid = false as boolean;
  parsed.walk((node, index, nodes) => {
    if (node.type !== 'function' || node.value.toLowerCase() !== 'var') return undefined;
    const [name] = node.nodes;
    const comma = node.nodes.findIndex(({ type, value: text }) => type === 'div' && text === ',');
    const own = name?.type === 'word' ? variables.get(name.value) : undefined;
    const fallback = comma < 0 ? undefined : parseValue.stringify(node.nodes.slice(comma + 1)).trim();
    const source = own ?? fallback;
    const replaced = source === undefined ? null : replaceVariables(source, variables, depth + 1);
    if (replaced === null) isInvalid = true;
    else nodes[index] = word(replaced, node);
    return false;
  });
  const result = parseValue.stringify(parsed.nodes);
  return isInvalid || result.length > MOST_LENGTH ? null : result;
}

/**
 * Replaces colours that the renderers lack by rgb() or rgba(), which is in sRGB.
 * @param currentColour the value of `color` for the element
 */
export function lowerColours(value: string, currentColour: string): string {
  if (!value.includes('(')) return value;
  const parsed = parseValue(value);
  parsed.walk((node, index, nodes) => {
    if (node.type !== 'function') return undefined;
    if (node.value.toLowerCase() === 'light-dark') {
      const comma = node.nodes.findIndex(({ type, value: text }) => type === 'div' && text === ',');
      const light = parseValue.stringify(comma < 0 ? node.nodes : node.nodes.slice(0, comma)).trim();
      nodes[index] = word(lowerColours(light, currentColour), node);
      return false;
    }
    if (!COLOUR_FUNCTION.test(node.value)) return undefined;
    const lowered = toRgb(lowerNested(parseValue.stringify(node), currentColour));
    if (lowered !== null) nodes[index] = word(lowered, node);
    return false;
  });
  return parseValue.stringify(parsed.nodes);
}

/** Replaces light-dark() and currentColor inside a colour. */
function lowerNested(colour: string, currentColour: string): string {
  const inner = /^([\w-]+)\(([^]*)\)$/.exec(colour);
  const isNested = /light-dark\(/i.test(inner?.[2] ?? '');
  const plain = isNested && inner ? `${inner[1] ?? ''}(${lowerColours(inner[2] ?? '', currentColour)})` : colour;
  return plain.replace(/\bcurrentcolor\b/gi, currentColour);
}

function toRgb(css: string): string | null {
  const component = parseComponentValue(tokenize({ css }));
  const parsed = component && color(component);
  return parsed ? serializeRGB(parsed).toString() : null;
}

function word(value: string, { sourceIndex, sourceEndIndex }: Node): Node {
  return { type: 'word', value, sourceIndex, sourceEndIndex };
}
