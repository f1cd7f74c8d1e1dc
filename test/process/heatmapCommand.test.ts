import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { readIconSet, svgOf } from '../../tools/shared/iconSets.ts';
import { run } from './runCli.ts';

/** The output of --json. */
interface Printed {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly kind: 'where' | 'why';
  readonly columns: number;
  readonly rows: number;
  readonly area: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  readonly range: readonly [number, number];
  readonly prompts: readonly {
    readonly prompt: string;
    readonly texts: readonly string[];
    readonly similarity: number;
    readonly values: readonly number[];
  }[];
}

/** The position of each object in the composite, in pixels. */
const WIDTH = 480;
const HEIGHT = 320;
const things = {
  'red heart': { icon: 'red-heart', left: 300, top: 150, side: 150 },
  umbrella: { icon: 'umbrella', left: 30, top: 20, side: 150 },
} as const;

describe('the heatmap command', function () {
  this.timeout(120_000);
  let folder: string;
  let image: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'assetlens heatmap äö '));
    image = path.join(folder, 'two things.png');
    const set = await readIconSet('openmoji');
    const layers = Object.values(things).map(async ({ icon, left, top, side }) => ({
      input: await sharp(Buffer.from(svgOf(set, icon)))
        .resize(side, side)
        .png()
        .toBuffer(),
      ...{ left, top },
    }));
    await sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: '#ffffff' } })
      .composite(await Promise.all(layers))
      .toFile(image);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Whether the centre of the cell with the highest value is inside the square of an object. */
  const isOn = ({ columns, rows, area }: Printed, values: readonly number[], name: keyof typeof things): boolean => {
    const hottest = values.indexOf(Math.max(...values));
    const x = (area.left + (((hottest % columns) + 0.5) / columns) * area.width) * WIDTH;
    const y = (area.top + ((Math.floor(hottest / columns) + 0.5) / rows) * area.height) * HEIGHT;
    const { left, top, side } = things[name];
    return x >= left && x <= left + side && y >= top && y <= top + side;
  };

  it('finds the object of each prompt, and prints every value', async () => {
    const { code, stdout, stderr } = await run(['heatmap', image, 'red heart', 'umbrella', '--json']);
    assert.equal(code, 0, stderr);
    assert.equal(stdout.trim().split('\n').length, 1);
    const printed = JSON.parse(stdout) as Printed;
    assert.deepEqual([printed.path, printed.width, printed.height, printed.kind], [image, WIDTH, HEIGHT, 'where']);
    const [low, high] = printed.range;
    assert.ok(low > 0 && low < 0.5 && high === 1);
    assert.deepEqual(
      printed.prompts.map(({ prompt }) => prompt),
      ['red heart', 'umbrella'],
    );
    for (const { prompt, values } of printed.prompts) {
      assert.equal(values.length, printed.columns * printed.rows);
      assert.ok(values.every((value) => value >= 0 && value <= 1));
      assert.ok(isOn(printed, values, prompt as keyof typeof things), `${prompt} is elsewhere`);
    }
    const [heart, umbrella] = printed.prompts;
    assert.ok(
      heart && umbrella && !isOn(printed, heart.values, 'umbrella') && !isOn(printed, umbrella.values, 'red heart'),
    );
  });

  it('writes a picture with a legend, and prints the position of the highest value', async () => {
    const output = path.join(folder, 'out.png');
    const look = ['--size', '480', '--relative', '--opacity', '1'];
    const { code, stdout, stderr } = await run(['heatmap', image, 'red heart', '-o', output, ...look]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /red heart\s+\d\.\d{3}\s+\d/);
    const { data, info } = await sharp(output).raw().toBuffer({ resolveWithObject: true });
    assert.equal((await sharp(output).metadata()).format, 'png');
    assert.equal(info.width, WIDTH + 32);
    assert.ok(info.height > HEIGHT + 80, 'the legend is below the picture');
    const pixel = (x: number, y: number): number[] => {
      const at = (y * info.width + x) * info.channels;
      return [...data.subarray(at, at + 3)];
    };
    // The picture begins after a margin. It stays white far from the heart; the heart has the yellow of the highest
    // values.
    const far = pixel(16 + 470, 16 + 10);
    assert.ok(Math.min(...far) > 200, far.join());
    const { left, top, side } = things['red heart'];
    const [red = 0, green = 0, blue = 255] = pixel(16 + left + side / 2, 16 + top + side / 2);
    assert.ok(green > 150 && green > red / 2 && blue < 150, `${red}, ${green}, ${blue}`);
  });

  it('reports prompts that no part of the image matches, and ignores repeated prompts', async () => {
    const { code, stdout, stderr } = await run(['heatmap', image, 'saxophone', 'saxophone', '--json']);
    assert.equal(code, 0);
    assert.match(stderr, /No part clearly shows "saxophone"; --relative/);
    assert.equal((JSON.parse(stdout) as Printed).prompts.length, 1);
  });

  it('shows several prompts side by side, and positive and negative contributions with --why', async () => {
    const output = path.join(folder, 'why.png');
    const prompts = ['red heart', 'umbrella'];
    const { code, stdout } = await run([
      'heatmap',
      image,
      ...prompts,
      '--why',
      '--json',
      '-o',
      output,
      '--size',
      '240',
      '--quiet',
    ]);
    assert.equal(code, 0);
    const { kind, range, prompts: printed } = JSON.parse(stdout) as Printed;
    assert.deepEqual([kind, range[0]], ['why', -range[1]]);
    assert.ok(printed.every(({ values }) => values.some((value) => value > 0)));
    const { width } = await sharp(output).metadata();
    assert.equal(width, 2 * 240 + 3 * 16);
  });

  it('uses the prompts of a label for a prompt that names the label', async () => {
    const labels = path.join(folder, 'labels.yaml');
    await writeFile(labels, 'templates: ["a drawing of a {}"]\nlabels:\n  - { name: brolly, synonyms: [umbrella] }\n');
    const asked = ['heatmap', image, 'Brolly', 'red heart', '--labels', labels, '--json'];
    const { prompts } = JSON.parse((await run(asked)).stdout) as Printed;
    assert.deepEqual(
      prompts.map(({ texts }) => texts),
      [['a drawing of a brolly', 'a drawing of a umbrella'], ['red heart']],
    );
  });

  it('reads every image format, including small and transparent images', async () => {
    const icon = path.join(folder, 'icon.svg');
    await writeFile(icon, svgOf(await readIconSet('bi'), 'heart-fill'));
    const small = path.join(folder, 'small.png');
    await sharp(icon).resize(24, 24).png().toFile(small);
    for (const file of [icon, small]) {
      const output = `${file} map.png`;
      assert.equal((await run(['heatmap', file, 'heart', '-o', output, '--size', '256'])).code, 0);
      const { width, hasAlpha } = await sharp(output).metadata();
      assert.equal(width, (file === icon ? 256 : 240) + 32, 'the small image is enlarged by a whole number: 10 × 24');
      assert.ok(hasAlpha);
    }
  });

  it('reports errors, and what to do about them', async () => {
    const text = path.join(folder, 'text.png');
    await writeFile(text, 'this is no picture');
    const before = await readFile(image);
    const cases: [string[], RegExp][] = [
      [[path.join(folder, 'nowhere.png'), 'cat', '--json'], /There is no image .*nowhere\.png.*Check the path/s],
      [[text, 'cat', '--json'], /text\.png: not a supported image/],
      [[folder, 'cat', '--json'], /EISDIR|folder/],
      [[image, ' ', '--json'], /prompt is empty/],
      [[image, 'cat', '-o', path.join(folder, 'no such folder', 'out.png')], /cannot be written.*Check the folder/s],
      [[image, 'cat', '-o', image], /would replace/],
      [[image, 'a', 'b', 'c', 'd', 'e', 'f', 'g', '-o', path.join(folder, 'x.png')], /at most 6.*--side-by-side/s],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await run(['heatmap', ...args]);
      assert.deepEqual([code, stdout], [1, ''], stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /this is a bug/);
    }
    assert.deepEqual(await readFile(image), before);
    for (const args of [
      [image],
      [image, 'cat'],
      [image, 'cat', '--json', '--opacity', '2'],
      [image, 'cat', '--json', '--colours', 'jet'],
    ]) {
      assert.equal((await run(['heatmap', ...args])).code, 2, args.join(' '));
    }
  });
});
