import sharp from 'sharp';

/** The backgrounds of composites. All are light, because many icons are black. */
export const canvasKinds = ['flat', 'gradient', 'noise', 'checker', 'clutter'] as const;
export type CanvasKind = (typeof canvasKinds)[number];

type Random = () => number;

/** @returns RGB [side, side, 3] */
export async function drawCanvas(kind: CanvasKind, side: number, random: Random): Promise<Uint8Array> {
  switch (kind) {
    case 'flat':
      return pixels(side, constant(lightColour(random)));
    case 'gradient':
      return gradient(side, random);
    case 'noise':
      return noise(side, random);
    case 'checker':
      return checker(side, random);
    case 'clutter':
      return clutter(side, random);
  }
}

type Colour = readonly [number, number, number];

function lightColour(random: Random): Colour {
  const channel = (): number => 160 + Math.floor(96 * random());
  return [channel(), channel(), channel()];
}

function constant(colour: Colour): () => Colour {
  return () => colour;
}

function pixels(side: number, colourAt: (x: number, y: number) => Colour): Uint8Array {
  const data = new Uint8ClampedArray(3 * side * side);
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) data.set(colourAt(x, y), 3 * (y * side + x));
  return new Uint8Array(data.buffer);
}

function mixed(a: Colour, b: Colour, share: number): Colour {
  const channel = (i: 0 | 1 | 2): number => a[i] + (b[i] - a[i]) * share;
  return [channel(0), channel(1), channel(2)];
}

/** A linear gradient between two colours in a random direction. */
function gradient(side: number, random: Random): Uint8Array {
  const [from, to, angle] = [lightColour(random), lightColour(random), 2 * Math.PI * random()];
  const [right, down] = [Math.cos(angle), Math.sin(angle)];
  return pixels(side, (x, y) => {
    const along = ((x / side - 0.5) * right + (y / side - 0.5) * down) / Math.SQRT2;
    return mixed(from, to, along + 0.5);
  });
}

/**
 * 1/f noise: octaves of smooth random values, each with twice the frequency and half the amplitude of the one before.
 */
function noise(side: number, random: Random): Uint8Array {
  const colour = lightColour(random);
  const values = new Float32Array(side * side);
  for (let cells = 2, strength = 80; cells <= side / 2; cells *= 2, strength /= 2) {
    const width = cells + 1;
    const grid = Float32Array.from({ length: width * width }, () => (random() - 0.5) * strength);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const [across, down] = [(x * cells) / side, (y * cells) / side];
        const at = Math.floor(down) * width + Math.floor(across);
        const [right, below] = [across % 1, down % 1];
        const upper = (grid[at] ?? 0) * (1 - right) + (grid[at + 1] ?? 0) * right;
        const lower = (grid[at + width] ?? 0) * (1 - right) + (grid[at + width + 1] ?? 0) * right;
        values[y * side + x] = (values[y * side + x] ?? 0) + upper * (1 - below) + lower * below;
      }
    }
  }
  return pixels(side, (x, y) => {
    const value = values[y * side + x] ?? 0;
    return [colour[0] + value, colour[1] + value, colour[2] + value];
  });
}

function checker(side: number, random: Random): Uint8Array {
  const [first, second] = [lightColour(random), lightColour(random)];
  const square = 8 + Math.floor(25 * random());
  return pixels(side, (x, y) => ((Math.floor(x / square) + Math.floor(y / square)) % 2 === 0 ? first : second));
}

/** Random shapes that depict nothing. */
async function clutter(side: number, random: Random): Promise<Uint8Array> {
  const position = (): number => Math.round(side * random());
  const size = (): number => Math.round(side * (0.03 + 0.12 * random()));
  const colour = (): string => `hsl(${Math.floor(360 * random())} 45% ${40 + Math.floor(45 * random())}%)`;
  const shapes = Array.from({ length: 40 }, (_, i) => {
    if (i % 3 === 0) return `<circle cx="${position()}" cy="${position()}" r="${size() / 2}" fill="${colour()}"/>`;
    if (i % 3 === 1) {
      const turn = `rotate(${Math.floor(90 * random())})`;
      return `<rect transform="translate(${position()} ${position()}) ${turn}" width="${size()}" height="${size()}" fill="${colour()}"/>`;
    }
    return `<path d="M${position()} ${position()}l${size()} ${size() - side / 12}" stroke="${colour()}" stroke-width="3"/>`;
  });
  const [red, green, blue] = lightColour(random);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"><rect width="100%" height="100%" fill="rgb(${red},${green},${blue})"/>${shapes.join('')}</svg>`;
  return sharp(Buffer.from(svg)).removeAlpha().toColourspace('srgb').raw().toBuffer();
}
