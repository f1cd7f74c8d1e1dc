import sharp from 'sharp';
import { dot, type Inference } from '../../src/clip/index.ts';
import { packagedSets } from '../shared/evaluationSets.ts';

/** A picture of an object without its background. */
export interface ObjectPicture {
  readonly name: string;
  readonly set: string;
  /** The original SVG, which the object fills. */
  readonly drawing: Uint8Array;
  /** RGBA [height, width, 4] without empty margins. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Names of objects that the sets have drawings of. The model has to distinguish each from all the others. */
export const names: readonly string[] = [
  ...[
    'airplane',
    'avocado',
    'axe',
    'backpack',
    'badger',
    'balloon',
    'banjo',
    'basket',
    'bat',
    'battery',
    'bed',
    'bell',
  ],
  ...['bicycle', 'binoculars', 'bird', 'bomb', 'bone', 'book', 'boomerang', 'briefcase', 'bug', 'building', 'bus'],
  ...['butterfly', 'cake', 'calculator', 'calendar', 'camel', 'camera', 'candy', 'canoe', 'carrot', 'castle', 'cat'],
  ...['chicken', 'clock', 'cloud', 'coconut', 'compass', 'cookie', 'crab', 'croissant', 'cucumber', 'cup', 'deer'],
  ...['donkey', 'doughnut', 'dress', 'drum', 'duck', 'eagle', 'egg', 'elephant', 'envelope', 'eye', 'eyeglasses'],
  ...['factory', 'feather', 'file', 'film', 'fire', 'fish', 'flag', 'flamingo', 'flashlight', 'folder', 'frog', 'gear'],
  ...['ghost', 'gift', 'giraffe', 'globe', 'grapes', 'guitar', 'hammer', 'handbag', 'headphones', 'heart', 'hedgehog'],
  ...['horse', 'hourglass', 'house', 'key', 'keyboard', 'kite', 'ladder', 'ladybug', 'lamp', 'laptop', 'leaf'],
  ...['lightbulb', 'lightning', 'lizard', 'lock', 'luggage', 'magnet', 'map', 'microscope', 'moon', 'mosquito'],
  ...['motorcycle', 'mouse', 'necktie', 'newspaper', 'octopus', 'owl', 'palette', 'paperclip', 'parachute', 'peacock'],
  ...['peanuts', 'pencil', 'penguin', 'phone', 'pig', 'pistol', 'popcorn', 'printer', 'puzzle', 'rainbow', 'robot'],
  ...['rocket', 'rose', 'ruler', 'sandwich', 'satellite', 'saxophone', 'scissors', 'screwdriver', 'shark', 'shield'],
  ...['snake', 'snowflake', 'snowman', 'soap', 'spider', 'star', 'stethoscope', 'strawberry', 'sun', 'sunflower'],
  ...['sunglasses', 'swan', 'taxi', 'telephone', 'telescope', 'tent', 'thermometer', 'toothbrush', 'tornado', 'tree'],
  ...['trophy', 'truck', 'trumpet', 'turtle', 'umbrella', 'unicorn', 'violin', 'watch', 'wrench', 'zebra'],
];

/** The longer side in pixels of an object before it is reduced. */
const DRAWN_SIDE = 256;
/** The alpha value from which a pixel belongs to the object. */
const VISIBLE_ALPHA = 128;

/** The objects whose name the model recognises in their original picture, and the number of candidates. */
export async function knownObjects(
  inference: Inference,
): Promise<{ readonly objects: ObjectPicture[]; readonly candidates: number }> {
  const wanted = new Set(names);
  const candidates: ObjectPicture[] = [];
  for (const { name: set, pictures } of await packagedSets()) {
    for (const picture of pictures) {
      const { name } = picture;
      if (!wanted.has(name)) continue;
      const drawing = await picture.bytes();
      candidates.push({ name, set, drawing, ...(await cutOut(drawing)) });
    }
  }
  const columns = inference.model.manifest.embeddingSize;
  const texts = await inference.embedTexts(names);
  const outcomes = await inference.embedImages(
    candidates.map(({ name, drawing }) => ({ kind: 'bytes', name, bytes: drawing })),
  );
  const objects = candidates.flatMap((object, i) => {
    const outcome = outcomes[i];
    if (!outcome?.ok) throw new Error(`${object.set}/${object.name} cannot be embedded.`);
    const scores = names.map((_, j) => dot(outcome.embedding, texts.subarray(j * columns, (j + 1) * columns)));
    return names[scores.indexOf(Math.max(...scores))] === object.name ? [object] : [];
  });
  return { objects, candidates: candidates.length };
}

async function cutOut(svg: Uint8Array): Promise<Pick<ObjectPicture, 'pixels' | 'width' | 'height'>> {
  const drawn = sharp(svg, { density: 72 * 12 })
    .resize(DRAWN_SIDE, DRAWN_SIDE, { fit: 'inside' })
    .ensureAlpha();
  const { data, info } = await drawn.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  let [left, top, right, bottom] = [info.width, info.height, 0, 0];
  for (let y = 0; y < info.height; y++) {
    for (let x = 0; x < info.width; x++) {
      if ((data[4 * (y * info.width + x) + 3] ?? 0) < VISIBLE_ALPHA) continue;
      [left, top, right, bottom] = [
        Math.min(left, x),
        Math.min(top, y),
        Math.max(right, x + 1),
        Math.max(bottom, y + 1),
      ];
    }
  }
  const raw = { width: info.width, height: info.height, channels: 4 } as const;
  const region = { left, top, width: right - left, height: bottom - top };
  const pixels = await sharp(data, { raw }).extract(region).raw().toBuffer();
  return { pixels, width: region.width, height: region.height };
}
