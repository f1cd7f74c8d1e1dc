import { stat } from 'node:fs/promises';
import path from 'node:path';
import { shared } from '../base/shared.ts';
import { UserError } from '../base/userError.ts';
import {
  ownDistribution,
  readCalibration,
  type Calibration,
  type ImageDistribution,
  type Inference,
} from '../clip/index.ts';
import { locateIndex, type DistrustedIndex } from './location/index.ts';
import { createIndexFolder } from './location/userIndexes.ts';
import { adoptIndex, type Adoption } from './store/adoptIndex.ts';
import type { RecoveredIndex } from './store/damagedIndex.ts';
import { openDatabase, type Database } from './store/database.ts';
import { readMatrix, type EmbeddingMatrix } from './store/embeddingMatrix.ts';
import { createFileCounts } from './store/fileCounts.ts';
import { number, text } from './store/rows.ts';
import { inside, type Inside, type StoredModel } from './store/store.ts';

/** The indexed images of one folder, for one model. Several libraries can share an index file. */
export interface Library extends AsyncDisposable {
  /** Absolute path of the folder. Paths of images are relative to it, with '/'. */
  readonly root: string;
  readonly inference: Inference;
  /** Absolute path. */
  readonly indexFile: string;
  /** The reason why the index cannot be written; undefined if it can. It can be searched in any case. */
  readonly readOnly: string | undefined;
  /** The index inside the folder that is not used; undefined if there is none, or it is used. */
  readonly distrusted: DistrustedIndex | undefined;
  /** Set if the index is new and replaces a damaged one. */
  readonly recovered: RecoveredIndex | undefined;
  /** Set if the index took over the data of an earlier version's index. */
  readonly adoption: Adoption | undefined;
  readonly [inside]: Inside;
  /** Returns a text that changes whenever a process changes images, embeddings or manual tags of the index. */
  version(): string;
  /** Tells whether another index file took the place of the open one, so that the library has to be opened again. */
  isReplaced(): Promise<boolean>;
  /** Returns the embeddings of all images that the index contains at this moment. */
  matrix(): Promise<EmbeddingMatrix>;
  calibration(): Promise<Calibration>;
  /** Returns the distribution that scores are measured against: the model's reference, or that of the matrix. */
  distribution(matrix: EmbeddingMatrix, signal?: AbortSignal): Promise<ImageDistribution>;
}

export interface LibraryOptions {
  readonly root: string;
  /** Index file to use. Default: see locateIndex. */
  readonly indexFile?: string | undefined;
  /** Whether an index inside the folder may be used. Default: true. */
  readonly trustFolder?: boolean | undefined;
  /** Index of an earlier version in another place, whose data is taken over. */
  readonly adopt?: string | undefined;
  /** The caller disposes it, after the library. */
  readonly inference: Inference;
}

/**
 * Opens the index of a folder, or creates an empty one, which updateIndex fills.
 * @throws UserError if the root is not a folder, or if the index cannot be opened, created or used with this model
 */
export async function openLibrary(options: LibraryOptions): Promise<Library> {
  const { root, indexFile, trustFolder, adopt, inference } = options;
  const absolute = path.resolve(root);
  const isFolder = await stat(absolute).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new UserError(`${absolute} is not a folder. Check the path.`);
  const location = await locateIndex(absolute, { indexFile, trustFolder });
  await createIndexFolder(location);
  const database = await openDatabase(location.file);
  try {
    if (location.kind !== 'userData') assertPathsInside(database);
    const adoption = adopt === undefined ? undefined : await adoptIndex(database, adopt);
    const model = await storedModel(database, inference);
    return new IndexLibrary({ root: absolute, database, model, inference, adoption, distrusted: location.distrusted });
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

interface OpenedIndex {
  readonly root: string;
  readonly database: Database;
  readonly model: StoredModel;
  readonly inference: Inference;
  readonly adoption: Adoption | undefined;
  readonly distrusted: DistrustedIndex | undefined;
}

/** Caches values that it derives from the index, until the index changes. */
class IndexLibrary implements Library {
  readonly root: string;
  readonly inference: Inference;
  readonly adoption: Adoption | undefined;
  readonly distrusted: DistrustedIndex | undefined;
  readonly [inside]: Inside;
  readonly calibration: () => Promise<Calibration>;
  #matrix: { readonly generation: number; readonly promise: Promise<EmbeddingMatrix> } | undefined;
  #lastMatrix: EmbeddingMatrix | undefined;
  #ownDistribution: { readonly key: string; readonly distribution: ImageDistribution } | undefined;

  constructor({ root, database, model, inference, adoption, distrusted }: OpenedIndex) {
    this.root = root;
    this.inference = inference;
    this.adoption = adoption;
    this.distrusted = distrusted;
    this[inside] = { database, model, fileCounts: createFileCounts(database) };
    this.calibration = shared(() => readCalibration(inference.model)).get;
  }

  get #database(): Database {
    return this[inside].database;
  }

  get indexFile(): string {
    return this.#database.file;
  }

  get readOnly(): string | undefined {
    return this.#database.readOnly;
  }

  get recovered(): RecoveredIndex | undefined {
    return this.#database.recovered;
  }

  version(): string {
    const row = countersOf(this.#database);
    return ['generation', 'file_changes', 'tag_changes'].map((counter) => number(row, counter)).join('/');
  }

  isReplaced(): Promise<boolean> {
    return this.#database.isReplaced();
  }

  matrix(): Promise<EmbeddingMatrix> {
    const generation = number(countersOf(this.#database), 'generation');
    if (this.#matrix?.generation === generation) return this.#matrix.promise;
    const reading = { generation, promise: this.#readMatrix() };
    this.#matrix = reading;
    reading.promise.catch(() => {
      if (this.#matrix === reading) this.#matrix = undefined;
    });
    return reading.promise;
  }

  async distribution({ source }: EmbeddingMatrix, signal?: AbortSignal): Promise<ImageDistribution> {
    const { reference } = await this.calibration();
    if (reference) return reference;
    const key = `${source.key}/${source.rows}`;
    if (this.#ownDistribution?.key === key) return this.#ownDistribution.distribution;
    const distribution = ownDistribution(await this.inference.moments(source, signal));
    this.#ownDistribution = { key, distribution };
    return distribution;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database[Symbol.asyncDispose]();
  }

  async #readMatrix(): Promise<EmbeddingMatrix> {
    const { database, model } = this[inside];
    const matrix = await readMatrix(database, model, this.#lastMatrix);
    this.#lastMatrix = matrix;
    return matrix;
  }
}

/** Reads the row of counters, which triggers maintain for all processes. */
function countersOf(database: Database): ReturnType<Database['all']>[number] {
  const row = database.get('SELECT generation, file_changes, tag_changes FROM library');
  if (!row) throw database.damaged('a row is missing');
  return row;
}

/**
 * Checks an index that a stranger may have written: its paths are joined with the root and read.
 * @throws UserError if a path leads out of the root
 */
function assertPathsInside(database: Database): void {
  // On Windows, a path can also contain backslashes and start with a drive.
  const isOutside = `'/' || path || '/' LIKE '%/../%' OR path LIKE '/%'
    ${process.platform === 'win32' ? String.raw`OR path LIKE '%\%' OR path LIKE '_:%'` : ''}`;
  const sql = ['files', 'failures'].map((table) => `SELECT path FROM ${table} WHERE ${isOutside}`).join(' UNION ALL ');
  const row = database.get(`${sql} LIMIT 1`);
  if (!row) return;
  throw new UserError(
    `The index ${database.file} contains the path ${JSON.stringify(row['path'])}, which is outside of the folder, so AssetLens ` +
      'does not use it. Rename that file, or pass another index file to --index.',
  );
}

async function storedModel(database: Database, inference: Inference): Promise<StoredModel> {
  const { id: name, embeddingSize: columns } = inference.model.manifest;
  const find = () => database.get('SELECT id, columns FROM models WHERE name = ?', name);
  if (!find()) {
    await database.cache([['INSERT INTO models (name, columns) VALUES (?, ?) ON CONFLICT DO NOTHING', name, columns]]);
  }
  const row = find();
  if (!row) throw modelMissing(database, name);
  if (number(row, 'columns') !== columns) {
    throw new UserError(
      `The index ${database.file} contains embeddings of another size for the model "${name}". Use the model that the index was created with, or give this model a different id in its manifest.`,
    );
  }
  return { id: number(row, 'id'), name, columns };
}

/** Creates the error for a read-only index without the model. A writable index always has it. */
function modelMissing(database: Database, name: string): UserError {
  const models = database.all('SELECT name FROM models ORDER BY id').map((row) => text(row, 'name'));
  const known = models.length === 0 ? 'no model' : models.join(', ');
  return new UserError(
    `The index ${database.file} cannot be written (${database.readOnly ?? 'unknown reason'}), and it has no embeddings of the ` +
      `model "${name}". Use a model of the index (${known}), or pass another index file to --index.`,
  );
}
