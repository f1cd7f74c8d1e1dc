/** An image of the workspace that the suite runs in. */
export interface WorkspaceImage {
  /** Path in the workspace, under a name that says nothing. */
  readonly path: string;
  /** Where it comes from. */
  readonly set: string;
  readonly icon: string;
  /** A default label that anyone would give it. */
  readonly label?: string;
}

/** The workspace folder's own name: a space and letters of several scripts. */
export const workspaceName = 'Größe 画像 sample';

/** The images, PNG where the name ends so. They are drawn from sets that the bundled model never saw. */
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

/** A file that is called an image and is none: it is to be named and passed over. */
export const brokenImage = 'docs/broken.png';

/** The other folder of the workspace of two. */
export const secondFolderName = 'zweiter Ordner ü';
