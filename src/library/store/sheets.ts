import { isFragment, joinImagePath } from '../../base/imagePath.ts';
import type { SheetContent } from '../../clip/index.ts';
import type { Database, Row } from './database.ts';
import { number, pages, text } from './rows.ts';
import { belowBounds, BELOW, type FileLink } from './store.ts';
import type { Statement } from './writerThread.ts';

/** A file that contains images of its own, as the index knows it. */
export interface KnownSheet extends FileLink {
  /** Whether the file itself is an image, too. */
  readonly isImage: boolean;
  /** The images with the hashes that they had when the file had its size and time. */
  readonly fragments: SheetContent['fragments'];
}

/** A file whose images were listed. */
export interface ListedSheet extends FileLink {
  readonly content: SheetContent;
  /** See isImageItself. */
  readonly isImage: boolean;
}

/** Lists sheets of the index by path, in pages. @param below see knownFiles */
export function knownSheets(db: Database, below = ''): AsyncGenerator<KnownSheet[]> {
  return pages((last: KnownSheet | undefined, limit) =>
    db
      .all(
        `SELECT * FROM sheets WHERE path > ? AND ${BELOW} ORDER BY path LIMIT ?`,
        ...[last?.path ?? '', ...belowBounds(below), limit],
      )
      .map(sheetOf),
  );
}

/** Returns the states of the images of a sheet, which has this size and time. */
export function imagesOfSheet({ path, size, mtime, isImage, hash, fragments }: KnownSheet): FileLink[] {
  const images = fragments.map((it) => {
    return { path: joinImagePath({ file: path, fragment: it.fragment }), size, mtime, hash: it.hash };
  });
  return isImage ? [{ path, size, mtime, hash }, ...images] : images;
}

/**
 * Tells whether a sheet is an image besides its images: it shows something by itself, or a user has tagged it.
 * @param path of the sheet
 */
export function isImageItself(db: Database, path: string, { isDrawing }: SheetContent): boolean {
  return isDrawing || db.get(HAS_MANUAL_TAGS, path) !== undefined;
}

const HAS_MANUAL_TAGS = `
  SELECT 1 FROM files f JOIN blobs b ON b.id = f.blob JOIN manual_tags m ON m.hash = b.hash WHERE f.path = ? LIMIT 1`;

/** Tells whether an earlier version embedded the blob of an SVG without looking for images in it. */
export function isUnlisted(db: Database, hash: string): boolean {
  return db.get('SELECT 1 FROM blobs WHERE hash = ? AND is_listed = 0', hash) !== undefined;
}

/** Tells whether a file refers to its blob already, as an image of a sheet does that was listed again. */
export function isLinked(db: Database, { path, size, mtime, hash }: FileLink): boolean {
  const row = db.get('SELECT size, mtime, hash FROM files f JOIN blobs b ON b.id = f.blob WHERE path = ?', path);
  return row?.['size'] === size && row['mtime'] === mtime && row['hash'] === hash;
}

export const MARK_LISTED = 'UPDATE blobs SET is_listed = 1 WHERE hash = ? AND is_listed = 0';

/**
 * Returns the statements that store a sheet. The files of its images are added when the images are embedded; those of
 * images that it no longer has are removed. An image that changed takes over the manual tags of its fragment.
 */
export function storeSheet(db: Database, sheet: ListedSheet): Statement[] {
  const { path, size, mtime, hash, content, isImage } = sheet;
  const { fragments } = content;
  const row = db.get('SELECT * FROM sheets WHERE path = ?', path);
  const before = new Map((row ? sheetOf(row).fragments : []).map((it) => [it.fragment, it.hash]));
  const carried = fragments.flatMap((it): Statement[] => {
    const old = before.get(it.fragment);
    return old === undefined || old === it.hash ? [] : [[CARRY_TAGS, it.hash, old]];
  });
  const paths = JSON.stringify(fragments.map(({ fragment }) => joinImagePath({ file: path, fragment })));
  const list = JSON.stringify(fragments.map((it) => [it.fragment, it.hash]));
  return [
    ...carried,
    [INSERT_SHEET, path, hash, size, mtime, Number(isImage), list],
    ...(['files', 'failures'] as const).map((table): Statement => [
      `DELETE FROM ${table} WHERE path > ? AND path < ? AND path NOT IN (SELECT value FROM json_each(?))`,
      ...[...fragmentBounds(path), paths],
    ]),
    ...(isImage ? [] : withoutFile(path, hash)),
    [MARK_LISTED, hash],
  ];
}

/** Removes the picture of a whole sheet, and its embeddings, so that a copy of the file is not linked to them. */
function withoutFile(path: string, hash: string): Statement[] {
  return [
    ['DELETE FROM files WHERE path = ?', path],
    ['DELETE FROM failures WHERE path = ?', path],
    ['DELETE FROM embeddings WHERE blob = (SELECT id FROM blobs WHERE hash = ?)', hash],
  ];
}

/**
 * Returns the statements that forget the images of a file, which is no sheet any more or cannot be read.
 * @param keepsList whether a later version of the file takes over the manual tags of its images
 */
export function forgetImages(path: string, keepsList: boolean): Statement[] {
  return [
    ['DELETE FROM files WHERE path > ? AND path < ?', ...fragmentBounds(path)],
    ['DELETE FROM failures WHERE path > ? AND path < ?', ...fragmentBounds(path)],
    ...(keepsList ? [] : [['DELETE FROM sheets WHERE path = ?', path] as const]),
  ];
}

/** '$' follows '#' in ASCII. */
function fragmentBounds(path: string): [string, string] {
  return [`${path}#`, `${path}$`];
}

const INSERT_SHEET = `
  INSERT INTO sheets (path, hash, size, mtime, is_image, fragments) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (path) DO UPDATE SET hash = excluded.hash, size = excluded.size, mtime = excluded.mtime,
    is_image = excluded.is_image, fragments = excluded.fragments`;
/** See CARRY_MANUAL_TAGS in changes.ts. */
const CARRY_TAGS = `
  WITH link (hash, old) AS (VALUES (?, ?))
  INSERT INTO manual_tags (hash, label, holds, given_at)
  SELECT link.hash, label, holds, given_at FROM link JOIN manual_tags h ON h.hash = link.old
  WHERE NOT EXISTS (SELECT 1 FROM files f JOIN blobs b ON b.id = f.blob WHERE b.hash = link.hash)
    AND NOT EXISTS (SELECT 1 FROM manual_tags WHERE hash = link.hash)`;

function sheetOf(row: Row): KnownSheet {
  const fragments = fragmentsOf(text(row, 'fragments'));
  return {
    path: text(row, 'path'),
    hash: text(row, 'hash'),
    size: number(row, 'size'),
    mtime: fragments ? number(row, 'mtime') : NaN, // which equals no time, so that the file is listed again
    isImage: number(row, 'is_image') === 1,
    fragments: fragments ?? [],
  };
}

/**
 * Reads a list that a stranger may have written. Its fragments become parts of paths that are read.
 * @returns undefined if it is damaged
 */
function fragmentsOf(json: string): SheetContent['fragments'] | undefined {
  let list: unknown;
  try {
    list = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!Array.isArray(list)) return undefined;
  const fragments = list.flatMap((entry: unknown) => {
    const [fragment, hash] = Array.isArray(entry) ? (entry as unknown[]) : [];
    const isValid = typeof fragment === 'string' && typeof hash === 'string' && isFragment(fragment) && HASH.test(hash);
    return isValid ? [{ fragment, hash }] : [];
  });
  return fragments.length === list.length ? fragments : undefined;
}

const HASH = /^[\da-f]{64}$/;
