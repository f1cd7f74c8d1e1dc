import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { UserError } from '../../clip/index.ts';
import { APPLICATION_ID } from './damagedIndex.ts';

/**
 * Step n brings version n to version n + 1. Steps are never changed once released, only added.
 *
 * An image's bytes are a content, found by hash; files point at contents, so that a copy or a renamed file shares the
 * embedding. A content that no file points at any more keeps its embedding for a while (a branch switch brings it back):
 * `orphaned_at`, seconds since 1970, says since when. `generation` counts the changes of the rows of the embedding matrix.
 * Triggers keep both true whichever process writes.
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
  // What one model cannot decode at its size, another may. Whose the old failures were is unknown, so all are tried again.
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
  // By hash and not by content: what somebody said outlives the embeddings.
  `
  CREATE TABLE hand_tags (
    hash TEXT NOT NULL,
    label TEXT NOT NULL,
    holds INTEGER NOT NULL CHECK (holds IN (0, 1)),
    given_at INTEGER NOT NULL DEFAULT (unixepoch()),
    PRIMARY KEY (hash, label)
  ) STRICT, WITHOUT ROWID;
  `,
  // SQLite may give the id of a deleted content to a new one: since then, the same ids are not the same rows.
  `
  ALTER TABLE library ADD COLUMN deletions INTEGER NOT NULL DEFAULT 0;
  CREATE TRIGGER contents_deleted AFTER DELETE ON contents BEGIN
    UPDATE library SET deletions = deletions + 1;
  END;
  CREATE TRIGGER embeddings_removed AFTER DELETE ON embeddings BEGIN
    UPDATE library SET deletions = deletions + 1;
  END;
  `,
  // `file_changes` counts what the files per content depend on. A failure remembers the content that its path had before.
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
];

/**
 * Brings the schema to this version, in one transaction, whichever of several processes comes first.
 * @throws UserError where the file is of a newer version or another program's
 */
export function migrate(connection: DatabaseSync, file: string): void {
  if (schemaVersion(connection, file) === steps.length) return;
  connection.exec('BEGIN IMMEDIATE');
  try {
    const version = schemaVersion(connection, file); // another process may have been faster
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

function schemaVersion(connection: DatabaseSync, file: string): number {
  const header = connection
    .prepare(
      'SELECT (SELECT user_version FROM pragma_user_version) AS version, ' +
        '(SELECT application_id FROM pragma_application_id) AS application, ' +
        '(SELECT count(*) FROM sqlite_schema) AS entries',
    )
    .get();
  const version = Number(header?.['version']);
  const ours = Number(header?.['application']) === APPLICATION_ID;
  if (!ours && (version !== 0 || Number(header?.['entries']) > 0)) {
    throw new UserError(
      `${file} is a database of another program, so it is left alone. No index can be kept under this name: rename that file, or give the index another name.`,
    );
  }
  if (version > steps.length) {
    throw new UserError(
      `The index ${file} was written by a newer AssetLens (format ${version}; this one knows up to ${steps.length}). ` +
        'Update AssetLens. To go on with this one, rename that file: the images are indexed anew, ' +
        'but the tags given by hand are in it and not in the new one.',
    );
  }
  return version;
}
