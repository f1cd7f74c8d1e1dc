import type { Group, Tile } from '../../protocol.ts';

/**
 * What the editor's menu and our commands are told of the images that it is for; itemsOf in workspace/targets.ts reads it.
 * @param label that they stand under, which is handed on for those that carry it
 */
export function menuContext(tiles: readonly Tile[], label: Group['label']): string {
  const galleryImages = tiles.map((tile) => {
    const held = label && tile.tags.some((tag) => tag.set === label.set && tag.label === label.label);
    return { imageUri: tile.uri, folder: tile.folderUri, ...(held && { label: label.label }) };
  });
  const several = galleryImages.length > 1;
  const labelled = galleryImages.some((image) => 'label' in image);
  const context = { webviewSection: 'image', preventDefaultContextMenuItems: true, several, labelled, galleryImages };
  return JSON.stringify(context);
}
