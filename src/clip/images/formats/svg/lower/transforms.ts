import parseValue from 'postcss-value-parser';

type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** The box that percentages and keywords refer to, in the coordinates of the drawing. */
export interface ReferenceBox {
  readonly width: number;
  readonly height: number;
}

const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];
/** Radians of each unit of angle; an SVG attribute has degrees without a unit. */
const ANGLES: Readonly<Record<string, number>> = {
  '': Math.PI / 180,
  deg: Math.PI / 180,
  rad: 1,
  turn: 2 * Math.PI,
  grad: Math.PI / 200,
};

/**
 * The `transform` attribute for a CSS transform around its origin (CSS Transforms 1, sections 6 and 8).
 * @param origin the value of `transform-origin`
 * @returns null where the transform has functions or units that have no meaning in a drawing
 */
export function transformAttribute(transform: string, origin: string, box: ReferenceBox): string | null {
  if (transform === 'none') return '';
  let matrix: Matrix = IDENTITY;
  for (const node of parseValue(transform).nodes) {
    if (node.type !== 'function') continue;
    const values = node.nodes.filter(({ type }) => type === 'word').map(({ value }) => value);
    const step = matrixOf(node.value.toLowerCase(), values, box);
    if (!step) return null;
    matrix = multiply(matrix, step);
  }
  const [x, y] = originOf(origin, box);
  const around = multiply(multiply([1, 0, 0, 1, x, y], matrix), [1, 0, 0, 1, -x, -y]);
  return `matrix(${around.map((value) => Number(value.toFixed(6))).join(' ')})`;
}

function matrixOf(name: string, values: readonly string[], { width, height }: ReferenceBox): Matrix | null {
  const numbers = values.map(Number);
  const [first = 0, second] = numbers;
  const angle = (value: string | undefined): number => {
    const [, number = '0', unit = ''] = /^([-+.\de]*\d)([a-z]*)$/i.exec(value ?? '0') ?? [];
    return Number(number) * (ANGLES[unit.toLowerCase()] ?? NaN);
  };
  const across = length(values[0], width);
  const down = length(values[1], height);
  const rotation = angle(values[0]);
  switch (name) {
    case 'matrix':
      return numbers.length === 6 && numbers.every(Number.isFinite) ? (numbers as unknown as Matrix) : null;
    case 'translate':
    case 'translate3d':
      return finite([1, 0, 0, 1, across, down]);
    case 'translatex':
      return finite([1, 0, 0, 1, across, 0]);
    case 'translatey':
      return finite([1, 0, 0, 1, 0, length(values[0], height)]);
    case 'scale':
    case 'scale3d':
      return finite([
        percent(values[0]) ?? first,
        0,
        0,
        percent(values[1]) ?? second ?? percent(values[0]) ?? first,
        0,
        0,
      ]);
    case 'scalex':
      return finite([first, 0, 0, 1, 0, 0]);
    case 'scaley':
      return finite([1, 0, 0, first, 0, 0]);
    case 'rotate':
    case 'rotatez': {
      const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
      const turn = finite([cos, sin, -sin, cos, 0, 0]);
      if (!turn || numbers.length !== 3) return turn;
      const [, x = 0, y = 0] = numbers;
      return multiply(multiply([1, 0, 0, 1, x, y], turn), [1, 0, 0, 1, -x, -y]);
    }
    case 'skew':
      return finite([1, Math.tan(angle(values[1])), Math.tan(rotation), 1, 0, 0]);
    case 'skewx':
      return finite([1, 0, Math.tan(rotation), 1, 0, 0]);
    case 'skewy':
      return finite([1, Math.tan(rotation), 0, 1, 0, 0]);
    case 'translatez':
    case 'perspective':
      return IDENTITY;
    default:
      return null;
  }
}

function originOf(origin: string, { width, height }: ReferenceBox): readonly [number, number] {
  let [first = '0', second] = origin.trim().split(/\s+/);
  if (/^(?:top|bottom)$/.test(first) || /^(?:left|right)$/.test(second ?? ''))
    [first, second] = [second ?? 'center', first];
  const x = length(first, width);
  const y = length(second ?? 'center', height);
  return [Number.isFinite(x) ? x : 0, Number.isFinite(y) ? y : 0];
}

/** A length in pixels; NaN where the unit depends on a window or a font. */
function length(value: string | undefined, reference: number): number {
  switch (value) {
    case undefined:
    case 'left':
    case 'top':
      return 0;
    case 'center':
      return reference / 2;
    case 'right':
    case 'bottom':
      return reference;
    default: {
      const [, number, unit] = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(px|%|)$/i.exec(value) ?? [];
      return number === undefined ? NaN : unit === '%' ? (Number(number) / 100) * reference : Number(number);
    }
  }
}

function percent(value: string | undefined): number | undefined {
  return value?.endsWith('%') ? Number(value.slice(0, -1)) / 100 : undefined;
}

function finite(matrix: Matrix): Matrix | null {
  return matrix.every(Number.isFinite) ? matrix : null;
}

function multiply([a, b, c, d, e, f]: Matrix, [A, B, C, D, E, F]: Matrix): Matrix {
  return [a * A + c * B, b * A + d * B, a * C + c * D, b * C + d * D, a * E + c * F + e, b * E + d * F + f];
}
