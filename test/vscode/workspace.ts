import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { readIconSet, svgOf } from '../../tools/shared/iconSets.ts';
import { brokenImage, images, secondFolderName, workspaceName } from './images.ts';

const PNG_SIZE = 96;

/** Writes the workspace of the in-editor suite into `parent`. @returns its folder */
export async function createWorkspace(parent: string): Promise<string> {
  const folder = path.join(parent, workspaceName);
  for (const image of images) {
    const set = await readIconSet(image.set);
    if (!set.icons[image.icon]) throw new Error(`${image.set} has no icon ${image.icon}`);
    const svg = svgOf(set, image.icon);
    const file = path.join(folder, image.path);
    await mkdir(path.dirname(file), { recursive: true });
    const png = () => sharp(Buffer.from(svg)).resize(PNG_SIZE, PNG_SIZE, { fit: 'contain' }).png().toBuffer();
    await writeFile(file, image.path.endsWith('.png') ? await png() : svg);
  }
  await writeFile(path.join(folder, brokenImage), 'this is not a PNG');
  await writeFile(
    path.join(folder, 'README.md'),
    ['# Sample', '', '![a camera](web/icons/a.svg)', '![hearts](<docs/Übersicht 図/1 (copy).svg>)', ''].join('\n'),
  );
  await writeFile(
    path.join(folder, 'app/main.ts'),
    ["import cart from './res/04.png';", "export const icons = [cart, './res/05.svg', '../web/icons/c.png'];", ''].join(
      '\n',
    ),
  );
  return folder;
}

/** Adds a second folder beside the first one, with copies of some of its images. @returns the workspace file */
export async function addSecondFolder(folder: string): Promise<string> {
  const second = path.join(path.dirname(folder), secondFolderName);
  await cp(path.join(folder, 'web/icons'), path.join(second, 'icons'), { recursive: true });
  const file = path.join(path.dirname(folder), 'two.code-workspace');
  await writeFile(file, JSON.stringify({ folders: [{ path: folder }, { path: second }] }));
  return file;
}
