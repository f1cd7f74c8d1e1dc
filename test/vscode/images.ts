/** An image in the workspace of the suite. */
export interface WorkspaceImage {
  /** The path in the workspace. File names do not describe the images. */
  readonly path: string;
  /** The icon set. */
  readonly set: string;
  readonly icon: string;
  /** The default label that clearly applies. */
  readonly label?: string;
}

/** The name of the workspace folder, with a space and letters of several scripts. */
export const workspaceName = 'Größe 画像 sample';

/** The images, as SVG or PNG by their extension. The sets are not in the training data of the bundled model. */
export const images: readonly WorkspaceImage[] = [
  { path: 'app/res/01.svg', set: 'bi', icon: 'cloud', label: 'cloud' },
  { path: 'app/res/02.svg', set: 'bi', icon: 'shield-fill', label: 'shield' },
  { path: 'app/res/03.svg', set: 'bi', icon: 'heart-fill', label: 'heart' },
  { path: 'app/res/04.png', set: 'bi', icon: 'cart', label: 'shopping' },
  { path: 'app/res/05.svg', set: 'bi', icon: 'truck', label: 'vehicle' },
  { path: 'app/res/06.png', set: 'bi', icon: 'exclamation-triangle', label: 'warning' },
  { path: 'web/icons/a.svg', set: 'flat-color-icons', icon: 'camera', label: 'camera' },
  { path: 'web/icons/b.svg', set: 'flat-color-icons', icon: 'old-time-camera', label: 'camera' },
  { path: 'web/icons/c.png', set: 'flat-color-icons', icon: 'lock', label: 'lock' },
  { path: 'web/icons/d.svg', set: 'flat-color-icons', icon: 'settings', label: 'settings' },
  { path: 'web/icons/e.png', set: 'flat-color-icons', icon: 'folder', label: 'folder' },
  { path: 'web/icons/f.svg', set: 'flat-color-icons', icon: 'bar-chart', label: 'chart' },
  { path: 'web/icons/g.svg', set: 'flat-color-icons', icon: 'biotech' },
  { path: 'web/icons/h.png', set: 'flat-color-icons', icon: 'puzzle' },
  { path: 'docs/Übersicht 図/1 (copy).svg', set: 'openmoji', icon: 'red-heart', label: 'heart' },
  { path: 'docs/Übersicht 図/2 #x%20.png', set: 'openmoji', icon: 'grinning-face', label: 'face' },
  { path: 'docs/Übersicht 図/3.svg', set: 'openmoji', icon: 'dog-face', label: 'animal' },
  { path: 'docs/Übersicht 図/4.png', set: 'openmoji', icon: 'alarm-clock', label: 'clock' },
  { path: 'docs/Übersicht 図/5.svg', set: 'openmoji', icon: 'flag-japan', label: 'flag' },
  { path: 'docs/Übersicht 図/6.png', set: 'openmoji', icon: 'pizza', label: 'food' },
];

/** A file with the extension of an image and other content. Indexing has to skip and report it. */
export const brokenImage = 'docs/broken.png';

/** The second folder of the workspace with two folders. */
export const secondFolderName = 'zweiter Ordner ü';
