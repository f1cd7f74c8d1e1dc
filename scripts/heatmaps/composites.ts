import sharp from 'sharp';

/** Drawings pasted on a canvas, and where each of them is. */
export interface Composite {
  readonly png: Buffer;
  readonly things: readonly { readonly name: string; readonly mask: Mask }[];
}

/** [MASK_SIDE, MASK_SIDE]: whether the thing covers most of that square of the picture. */
export type Mask = readonly boolean[];

export interface Thing {
  readonly name: string;
  readonly drawing: Uint8Array;
}

interface Place {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

const SIDE = 512;
export const MASK_SIDE = 64;
const COVERED = 0.4;
const canvases = ['white', 'flat', 'gradient', 'checker', 'noise', 'shapes'] as const;

/** One thing of a quarter to six tenths of the picture, anywhere. */
export function oneThing(thing: Thing, number: number, random: () => number): Promise<Composite> {
  const side = Math.round(SIDE * (0.25 + 0.35 * random()));
  const offset = (): number => Math.floor(random() * (SIDE - side));
  return paste([{ ...thing, place: { left: offset(), top: offset(), side } }], number, random);
}

/** Four things, one in each quarter, row by row. */
export function fourThings(things: readonly Thing[], number: number, random: () => number): Promise<Composite> {
  const half = SIDE / 2;
  const placed = things.map((thing, quarter) => {
    const side = Math.round(half * (0.5 + 0.4 * random()));
    const offset = (at: number): number => at * half + Math.floor(random() * (half - side));
    return { ...thing, place: { left: offset(quarter % 2), top: offset(quarter >> 1), side } };
  });
  return paste(placed, number, random);
}

async function paste(
  things: readonly (Thing & { readonly place: Place })[],
  number: number,
  random: () => number,
): Promise<Composite> {
  const layers = await Promise.all(
    things.map(async ({ name, drawing, place }) => {
      const image = sharp(drawing, { density: (72 * place.side) / 24 })
        .resize(place.side, place.side, { fit: 'contain', background: '#0000' })
        .ensureAlpha();
      const { left, top } = place;
      const input = await image.png().toBuffer();
      const alpha = await sharp(input).extractChannel('alpha').raw().toBuffer();
      return { input, left, top, thing: { name, mask: maskOf(alpha, place) } };
    }),
  );
  const canvas = sharp(await canvasOf(canvases[number % canvases.length] ?? 'white', random), { density: 72 });
  const png = await canvas.composite(layers.map(({ input, left, top }) => ({ input, left, top }))).png().toBuffer(); // prettier-ignore
  return { png, things: layers.map(({ thing }) => thing) };
}

function maskOf(alpha: Buffer, { left, top, side }: Place): Mask {
  const cell = SIDE / MASK_SIDE;
  const covered = new Float64Array(MASK_SIDE ** 2);
  for (const [i, value] of alpha.entries()) {
    const row = Math.floor((top + Math.floor(i / side)) / cell);
    const at = row * MASK_SIDE + Math.floor((left + (i % side)) / cell);
    covered[at] = (covered[at] ?? 0) + value / 255 / cell ** 2;
  }
  return Array.from(covered, (part) => part > COVERED);
}

async function canvasOf(kind: (typeof canvases)[number], random: () => number): Promise<Buffer> {
  const colour = (): string => `rgb(${[random(), random(), random()].map((part) => Math.round(255 * part)).join()})`;
  const [first, second] = [colour(), colour()];
  const fill = (paint: string, more = ''): Buffer =>
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}">${more}<rect width="100%" height="100%" fill="${paint}"/></svg>`); // prettier-ignore
  switch (kind) {
    case 'white':
      return fill('white');
    case 'flat':
      return fill(first);
    case 'gradient':
      return fill('url(#g)', `<linearGradient id="g" x2="1" y2="1"><stop stop-color="${first}"/><stop offset="1" stop-color="${second}"/></linearGradient>`); // prettier-ignore
    case 'checker': {
      const field = SIDE >> (3 + Math.floor(3 * random()));
      return fill('url(#c)', `<pattern id="c" width="${2 * field}" height="${2 * field}" patternUnits="userSpaceOnUse"><rect width="${2 * field}" height="${2 * field}" fill="${first}"/><path d="M0 0h${field}v${field}H0zM${field} ${field}h${field}v${field}h-${field}z" fill="${second}"/></pattern>`); // prettier-ignore
    }
    case 'shapes': {
      const shapes = Array.from({ length: 25 }, () => {
        const [x, y, size] = [SIDE * random(), SIDE * random(), 10 + 60 * random()];
        return random() < 0.5
          ? `<circle cx="${x}" cy="${y}" r="${size / 2}" fill="${colour()}"/>`
          : `<rect x="${x}" y="${y}" width="${size}" height="${size * random()}" fill="${colour()}"/>`;
      });
      return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}"><rect width="100%" height="100%" fill="${first}"/>${shapes.join('')}</svg>`); // prettier-ignore
    }
    case 'noise':
      return noise(random);
  }
}

/** As much of every octave as its waves are long: 1/f, as in photographs. */
async function noise(random: () => number): Promise<Buffer> {
  const sum = new Float64Array(SIDE * SIDE * 3).fill(128);
  for (let side = 2; side <= SIDE / 2; side *= 2) {
    const small = Buffer.from(Uint8Array.from({ length: side * side * 3 }, () => 256 * random()));
    const raw = { width: side, height: side, channels: 3 } as const;
    const large = await sharp(small, { raw }).resize(SIDE, SIDE, { fit: 'fill', kernel: 'cubic' }).raw().toBuffer();
    for (const [i, value] of large.entries()) sum[i] = (sum[i] ?? 0) + (3 * (value - 128)) / side;
  }
  const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
  return sharp(Buffer.from(Uint8ClampedArray.from(sum)), { raw })
    .png()
    .toBuffer();
}
