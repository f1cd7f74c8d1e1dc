import type { Group, Tile } from '../../protocol.ts';

/**
 * The context that the editor's menu and our commands receive for images; itemsOf in workspace/folders/targets.ts reads
 * it.
 * @param label the label of the group that the images are in; it is included for those that have it
 */
export function menuContext(tiles: readonly Tile[], label: Group['label']): string {
  const galleryImages = tiles.map((tile) => {
    const hasLabel = label && tile.tags.some((tag) => tag.set === label.set && tag.label === label.label);
    return { imageUri: tile.uri, folder: tile.folderUri, ...(hasLabel && { label: label.label }) };
  });
  const several = galleryImages.length > 1;
  const labelled = galleryImages.some((image) => 'label' in image);
  const context = { webviewSection: 'image', preventDefaultContextMenuItems: true, several, labelled, galleryImages };
  return JSON.stringify(context);
}
