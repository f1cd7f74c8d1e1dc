/**
 * Pictures to compare the same encoder on two devices or in two graphs. They are always the same: discs, stripes and
 * squares in several colours, so that their embeddings differ from each other as those of real images do.
 * @returns `count` of [size, size, 3]
 */
export function testPictures(count: number, size: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => picture(i, size));
}

const COLOURS = [
  [230, 57, 70],
  [29, 53, 87],
  [255, 209, 102],
  [6, 214, 160],
  [255, 255, 255],
  [17, 17, 17],
  [131, 56, 236],
] as const;

function picture(index: number, size: number): Uint8Array {
  const pixels = new Uint8Array(size * size * 3);
  const background = COLOURS[index % COLOURS.length] ?? COLOURS[0];
  const foreground = COLOURS[(index * 3 + 1 + (index % 5)) % COLOURS.length] ?? COLOURS[0];
  const parts = 2 + (index % 7);
  const middle = size / 2;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const radius = Math.hypot(x - middle, y - middle) / middle;
      const isForeground = [
        radius < 1 - 1 / parts,
        Math.floor((x * parts) / size) % 2 === 0,
        (Math.floor((x * parts) / size) + Math.floor((y * parts) / size)) % 2 === 0,
        Math.floor(radius * parts) % 2 === 0,
      ][index % 4];
      pixels.set(isForeground ? foreground : background, (y * size + x) * 3);
    }
  }
  return pixels;
}
