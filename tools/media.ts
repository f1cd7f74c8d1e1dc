/**
 * `npm run media [-- --crop]`: makes the pictures of the README and the walkthrough in media/. It runs the newcomer
 * test, which takes screenshots, and crops these. With --crop, it uses the existing screenshots.
 */
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';

const root = path.resolve(import.meta.dirname, '..');
const screenshots = path.join(root, 'build/screenshots/newcomer');
const { values } = parseArgs({ options: { crop: { type: 'boolean', default: false } } });

/** Pixels of the screenshots per CSS pixel. */
const SCALE = 2;

/** A part of the window in CSS pixels. */
interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const QUICK_PICK: Region = { left: 340, top: 30, width: 602, height: 386 };

/** The region of each picture, by the name of the screenshot and of the picture. */
const regions: Readonly<Record<string, Region>> = {
  gallery: { left: 352, top: 30, width: 926, height: 738 },
  tags: { left: 48, top: 30, width: 302, height: 363 },
  search: QUICK_PICK,
  labels: QUICK_PICK,
  hover: { left: 352, top: 30, width: 560, height: 336 },
};

if (!values.crop) {
  const { status } = spawnSync('npm', ['run', '--silent', 'newcomer'], {
    cwd: root,
    env: { ...process.env, ASSETLENS_SCREENSHOT_SCALE: String(SCALE), ASSETLENS_REQUIRE_EDITOR: '1' },
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The newcomer test failed, so the pictures stay as they are.');
}
const files = await readdir(screenshots);
for (const [name, { left, top, width, height }] of Object.entries(regions)) {
  const file = files.find((entry) => entry.endsWith(`-${name}.png`));
  if (file === undefined) throw new Error(`There is no screenshot "${name}" in ${screenshots}.`);
  const region = { left: left * SCALE, top: top * SCALE, width: width * SCALE, height: height * SCALE };
  await sharp(path.join(screenshots, file))
    .extract(region)
    .png({ palette: true, effort: 10 })
    .toFile(path.join(root, 'media', `${name}.png`));
  console.log(`media/${name}.png: ${region.width} × ${region.height}`);
}
