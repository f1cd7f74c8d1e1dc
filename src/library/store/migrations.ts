import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { UserError } from '../../base/userError.ts';
import { difference, schemaFrom, schemaOf } from './ownSchema.ts';

/** "ASLN": identifies an index in SQLite's file header. */
export const APPLICATION_ID = 0x41534c4e;

/**
 * Step n brings schema version n to version n + 1. A released step never changes; new steps are appended.
 *
 * A blob is the distinct bytes of an image, identified by hash. Files refer to blobs, so a copy or a renamed file
 * shares the embedding. A blob that no file refers to keeps its embedding for a while, because a branch switch may
 * bring the file back; `orphaned_at` is the time in seconds since 1970 when it lost its last file. `generation` counts
 * the changes to the rows of the embedding matrix. Triggers maintain both, whichever process writes.
 */
const steps: readonly string[] = [
  `
  CREATE TABLE library (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    uuid TEXT NOT NULL,
    generation INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE models (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    columns INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE contents (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    format TEXT NOT NULL,
    orphaned_at INTEGER DEFAULT (unixepoch())
  ) STRICT;
  CREATE INDEX contents_orphaned ON contents (orphaned_at) WHERE orphaned_at IS NOT NULL;

  CREATE TABLE files (
    path TEXT PRIMARY KEY,
    content INTEGER NOT NULL REFERENCES contents (id),
    size INTEGER NOT NULL,
    mtime REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX files_content ON files (content);

  CREATE TABLE failures (
    path TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime REAL,
    reason TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE embeddings (
    id INTEGER PRIMARY KEY,
    content INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
    model INTEGER NOT NULL REFERENCES models (id),
    vector BLOB NOT NULL,
    UNIQUE (content, model)
  ) STRICT;

  CREATE TABLE text_vectors (
    model INTEGER NOT NULL REFERENCES models (id),
    key TEXT NOT NULL,
    vector BLOB NOT NULL,
    used_at INTEGER NOT NULL DEFAULT (unixepoch()),
    PRIMARY KEY (model, key)
  ) STRICT;

  CREATE TRIGGER files_inserted AFTER INSERT ON files BEGIN
    UPDATE contents SET orphaned_at = NULL WHERE id = NEW.content AND orphaned_at IS NOT NULL;
  END;
  CREATE TRIGGER files_moved AFTER UPDATE OF content ON files WHEN OLD.content <> NEW.content BEGIN
    UPDATE contents SET orphaned_at = NULL WHERE id = NEW.content AND orphaned_at IS NOT NULL;
    UPDATE contents SET orphaned_at = unixepoch()
      WHERE id = OLD.content AND NOT EXISTS (SELECT 1 FROM files WHERE content = OLD.content);
  END;
  CREATE TRIGGER files_deleted AFTER DELETE ON files BEGIN
    UPDATE contents SET orphaned_at = unixepoch()
      WHERE id = OLD.content AND NOT EXISTS (SELECT 1 FROM files WHERE content = OLD.content);
  END;

  CREATE TRIGGER contents_row AFTER UPDATE OF orphaned_at ON contents
    WHEN (OLD.orphaned_at IS NULL) <> (NEW.orphaned_at IS NULL)
  BEGIN
    UPDATE library SET generation = generation + 1;
  END;
  CREATE TRIGGER embeddings_inserted AFTER INSERT ON embeddings BEGIN
    UPDATE library SET generation = generation + 1;
  END;
  CREATE TRIGGER embeddings_deleted AFTER DELETE ON embeddings BEGIN
    UPDATE library SET generation = generation + 1;
  END;
  `,
  // A failure belongs to a model, whose limits another model may not have. The model of old failures is unknown: retry
  // all.
  `
  DROP TABLE failures;
  CREATE TABLE failures (
    model INTEGER NOT NULL REFERENCES models (id),
    path TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime REAL,
    reason TEXT NOT NULL,
    PRIMARY KEY (model, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX failures_path ON failures (path);
  `,
  // The key is the hash and not the blob's id, because manual tags outlive the embeddings.
  `
  CREATE TABLE hand_tags (
    hash TEXT NOT NULL,
    label TEXT NOT NULL,
    holds INTEGER NOT NULL CHECK (holds IN (0, 1)),
    given_at INTEGER NOT NULL DEFAULT (unixepoch()),
    PRIMARY KEY (hash, label)
  ) STRICT, WITHOUT ROWID;
  `,
  // SQLite may reuse the id of a deleted blob. After a deletion, equal ids do not mean equal rows.
  `
  ALTER TABLE library ADD COLUMN deletions INTEGER NOT NULL DEFAULT 0;
  CREATE TRIGGER contents_deleted AFTER DELETE ON contents BEGIN
    UPDATE library SET deletions = deletions + 1;
  END;
  CREATE TRIGGER embeddings_removed AFTER DELETE ON embeddings BEGIN
    UPDATE library SET deletions = deletions + 1;
  END;
  `,
  // `file_changes` counts the changes to the files of blobs. A failure remembers the blob that its path referred to
  // before.
  `
  ALTER TABLE library ADD COLUMN file_changes INTEGER NOT NULL DEFAULT 0;
  CREATE TRIGGER files_inserted_counted AFTER INSERT ON files BEGIN
    UPDATE library SET file_changes = file_changes + 1;
  END;
  CREATE TRIGGER files_moved_counted AFTER UPDATE OF content ON files WHEN OLD.content <> NEW.content BEGIN
    UPDATE library SET file_changes = file_changes + 1;
  END;
  CREATE TRIGGER files_deleted_counted AFTER DELETE ON files BEGIN
    UPDATE library SET file_changes = file_changes + 1;
  END;
  ALTER TABLE failures ADD COLUMN hash TEXT;
  `,
  // `tag_changes` counts the changes to manual tags, so that a process notices the tags that another one sets. The
  // names are those of the code: a blob is the bytes of an image, and tags that a user sets are manual tags.
  `
  ALTER TABLE contents RENAME TO blobs;
  ALTER TABLE files RENAME COLUMN content TO blob;
  ALTER TABLE embeddings RENAME COLUMN content TO blob;
  ALTER TABLE hand_tags RENAME TO manual_tags;
  ALTER TABLE library ADD COLUMN tag_changes INTEGER NOT NULL DEFAULT 0;
  CREATE TRIGGER manual_tags_inserted AFTER INSERT ON manual_tags BEGIN
    UPDATE library SET tag_changes = tag_changes + 1;
  END;
  CREATE TRIGGER manual_tags_updated AFTER UPDATE ON manual_tags BEGIN
    UPDATE library SET tag_changes = tag_changes + 1;
  END;
  CREATE TRIGGER manual_tags_deleted AFTER DELETE ON manual_tags BEGIN
    UPDATE library SET tag_changes = tag_changes + 1;
  END;
  `,
  // The look of a blob (ImageLook): null until the image is decoded, empty if it cannot be decoded.
  `
  ALTER TABLE blobs ADD COLUMN colours BLOB;
  ALTER TABLE blobs ADD COLUMN pixels BLOB;
  CREATE INDEX blobs_without_look ON blobs (id) WHERE colours IS NULL;
  `,
  // A sheet is an SVG that contains images for other documents. Its images are files of their own, with a fragment in
  // their path (base/imagePath.ts). `fragments` is a JSON list of [fragment, hash]; `is_image` tells whether the sheet
  // itself is a file, too. `is_listed` is 0 for an SVG of an earlier version, which may be a sheet.
  `
  CREATE TABLE sheets (
    path TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime REAL NOT NULL,
    is_image INTEGER NOT NULL CHECK (is_image IN (0, 1)),
    fragments TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  ALTER TABLE blobs ADD COLUMN is_listed INTEGER NOT NULL DEFAULT 1;
  UPDATE blobs SET is_listed = 0 WHERE format = 'svg';
  CREATE INDEX blobs_not_listed ON blobs (id) WHERE is_listed = 0;
  UPDATE failures SET mtime = NULL WHERE path LIKE '%.svg' OR path LIKE '%.svgz';
  `,
  // The hash of the bytes that failed, so that a copy of them is not tried again.
  `
  ALTER TABLE failures ADD COLUMN content TEXT;
  `,
];

/**
 * Brings the schema to the current version, in one transaction. Several processes may call it at once.
 * @throws UserError if the file has a newer version or belongs to another program
 */
export function migrate(connection: DatabaseSync, file: string): void {
  if (schemaVersion(connection, file) === steps.length) return;
  connection.exec('BEGIN IMMEDIATE');
  try {
    const version = schemaVersion(connection, file); // another process may have migrated it meanwhile
    for (const step of steps.slice(version)) connection.exec(step);
    if (version === 0) {
      connection.prepare('INSERT INTO library (id, uuid, generation) VALUES (1, ?, 0)').run(randomUUID());
    }
    connection.exec(`PRAGMA user_version = ${steps.length}; PRAGMA application_id = ${APPLICATION_ID}`);
    connection.exec('COMMIT');
  } finally {
    if (connection.isTransaction) connection.exec('ROLLBACK');
  }
}

/**
 * Checks the schema of an index that cannot be written, and therefore not be migrated.
 * @throws UserError if its version is not the current one or the file belongs to another program
 */
export function assertCurrentSchema(connection: DatabaseSync, file: string): void {
  const version = schemaVersion(connection, file);
  if (version === steps.length) return;
  throw new UserError(
    `The index ${file} has format ${version} of an older AssetLens and cannot be upgraded to format ${steps.length}, because ` +
      'the file cannot be written. Make it writable, or pass another index file to --index.',
  );
}

/**
 * Checks that a file is empty or an index of a supported version, before it is changed. An index with a trigger or a
 * view of others is refused, because SQLite runs it without our knowledge.
 * @returns the version of its schema; 0 for an empty file
 * @throws UserError if it is not
 */
export function schemaVersion(connection: DatabaseSync, file: string): number {
  return inOneRead(connection, () => {
    const version = versionOf(connection, file);
    const foreign = difference(schemaOf(connection), schemaFrom(steps.slice(0, version)));
    if (foreign === undefined) return version;
    throw new UserError(
      `The index ${file} has a schema that AssetLens did not create (see "${foreign.slice(0, MOST_NAME_CHARACTERS)}"), ` +
        'so AssetLens does not use it. Rename that file, or pass another index file to --index.',
    );
  });
}

const MOST_NAME_CHARACTERS = 60;

/** Returns the entries of the schemas of all versions. */
export function knownSchemas(): ReadonlySet<string> {
  return new Set(steps.flatMap((_, index) => [...schemaFrom(steps.slice(0, index + 1))]));
}

/** Runs reads in one transaction, because another process may migrate the file between them. */
function inOneRead<T>(connection: DatabaseSync, read: () => T): T {
  const { isTransaction } = connection;
  if (isTransaction) return read();
  connection.exec('BEGIN');
  try {
    return read();
  } finally {
    if (connection.isTransaction) connection.exec('ROLLBACK');
  }
}

function versionOf(connection: DatabaseSync, file: string): number {
  const header = connection
    .prepare(
      'SELECT (SELECT user_version FROM pragma_user_version) AS version, ' +
        '(SELECT application_id FROM pragma_application_id) AS application, ' +
        '(SELECT count(*) FROM sqlite_schema) AS entries',
    )
    .get();
  const version = Number(header?.['version']);
  const ours = Number(header?.['application']) === APPLICATION_ID;
  if (version < 0 || (!ours && (version !== 0 || Number(header?.['entries']) > 0))) {
    throw new UserError(
      `${file} is a database of another program, so AssetLens does not change it. Rename that file, or choose another name for the index.`,
    );
  }
  if (version > steps.length) {
    throw new UserError(
      `The index ${file} was written by a newer AssetLens (format ${version}; this version supports up to ${steps.length}). ` +
        'Update AssetLens. To continue with this version, rename that file: AssetLens then creates a new index, ' +
        'without the manual tags of the old one.',
    );
  }
  return version;
}
