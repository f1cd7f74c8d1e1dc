import * as vscode from 'vscode';
import type { CameraDetails, DrawingGap, ImageDetails } from '../../clip/index.ts';
import { UserError } from '../../base/userError.ts';
import { fileSize } from '../../base/format.ts';
import type { Services } from '../../workspace/services.ts';
import { pathOfUri } from '../../workspace/folders/pathOfUri.ts';
import { uriOfImage } from '../../workspace/folders/targets.ts';
import type { Details } from '../protocol.ts';
import type { KnownImage } from './galleryData.ts';

/** Maximum length of a value: an icon file can have hundreds of sizes. */
const MAX_LENGTH = 2000;

type Property = Details['properties'][number];

/** The properties of an image file by name and value, or the problem if it cannot be read. */
export async function propertiesOf(
  { inference }: Services,
  image: KnownImage,
  signal: AbortSignal,
): Promise<Property[]> {
  const source = { kind: 'file', path: pathOfUri(uriOfImage(image)), folder: image.folder.uri.fsPath } as const;
  try {
    return listed(await (await inference()).imageDetails(source, signal));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [{ name: vscode.l10n.t('Problem'), value: error.message }];
  }
}

function listed(details: ImageDetails): Property[] {
  const {
    width,
    height,
    format,
    bytes,
    frames,
    shownFrame,
    milliseconds,
    density,
    profile,
    camera,
    icons,
    drawing,
    gaps,
  } = details;
  const seconds = milliseconds === null ? '' : `, ${(milliseconds / 1000).toLocaleString()} s`;
  const rows: (readonly [name: string, value: string | null | undefined])[] = [
    [vscode.l10n.t('Format'), format],
    [vscode.l10n.t('Size'), `${width} × ${height}`],
    [vscode.l10n.t('File size'), fileSize(bytes)],
    [vscode.l10n.t('Colours'), coloursOf(details)],
    [vscode.l10n.t('Frames'), frames > 1 ? `${frames}${seconds}` : null],
    [vscode.l10n.t('Shown frame'), shownFrame > 1 ? `${shownFrame}` : null],
    [vscode.l10n.t('Sizes'), icons.map((icon) => `${icon.width} × ${icon.height} (${icon.bits} bit)`).join(', ')],
    ['viewBox', drawing?.viewBox],
    [vscode.l10n.t('Not drawn'), gaps.map(gapName).join(', ')],
    [
      vscode.l10n.t('Density'),
      density === null || density === 72 ? null : vscode.l10n.t('{0} pixels per inch', density),
    ],
    [vscode.l10n.t('Colour profile'), profile],
    ...(camera ? cameraRows(camera) : []),
  ];
  return rows.flatMap(([name, value]) => (value ? [{ name, value: value.slice(0, MAX_LENGTH) }] : []));
}

function gapName(gap: DrawingGap): string {
  switch (gap) {
    case 'html':
      return vscode.l10n.t('HTML');
    case 'scripts':
      return vscode.l10n.t('results of scripts');
    case 'importedStyles':
      return vscode.l10n.t('styles of other files');
    case 'styles':
      return vscode.l10n.t('damaged or large styles');
    case 'images':
      return vscode.l10n.t('images that are missing or outside the workspace');
    case 'resourceColours':
      return vscode.l10n.t('colours of resources, which are drawn grey');
  }
}

function coloursOf({ colours, bits, palette, alpha }: ImageDetails): string {
  const names = {
    rgb: vscode.l10n.t('colour'),
    grey: vscode.l10n.t('grey'),
    cmyk: 'CMYK',
    other: vscode.l10n.t('other'),
  };
  const kind = palette ? vscode.l10n.t('palette') : names[colours];
  const depth = bits === null ? '' : vscode.l10n.t('{0} bit', bits);
  return [kind, depth, alpha ? vscode.l10n.t('transparency') : ''].filter(Boolean).join(', ');
}

function cameraRows(camera: CameraDetails): (readonly [string, string | null])[] {
  const { make, model, lens, takenAt, exposureSeconds, aperture, iso, focalLength, software, hasPlace } = camera;
  // Many models contain the name of their maker.
  const body = make !== null && model?.startsWith(make) !== true ? [make, model] : [model];
  const exposure = [
    exposureSeconds === null ? '' : exposureTime(exposureSeconds),
    aperture === null ? '' : `f/${aperture.toLocaleString()}`,
    iso === null ? '' : `ISO ${iso}`,
    focalLength === null ? '' : `${focalLength.toLocaleString()} mm`,
  ];
  return [
    [vscode.l10n.t('Camera'), body.filter(Boolean).join(' ')],
    [vscode.l10n.t('Lens'), lens],
    [vscode.l10n.t('Taken'), takenAt === null ? null : takenAt.replace('T', ' ')],
    [vscode.l10n.t('Exposure'), exposure.filter(Boolean).join(', ')],
    [vscode.l10n.t('Software'), software],
    [vscode.l10n.t('Location'), hasPlace ? vscode.l10n.t('the file contains the location') : null],
  ];
}

function exposureTime(seconds: number): string {
  return seconds >= 0.4 || seconds <= 0 ? `${seconds.toLocaleString()} s` : `1/${Math.round(1 / seconds)} s`;
}
