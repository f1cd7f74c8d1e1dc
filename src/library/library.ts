import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  UserError,
  ownDistribution,
  messageOf,
  readCalibration,
  type Calibration,
  type ImageDistribution,
  type Inference,
} from '../clip/index.ts';
import type { RecoveredIndex } from './store/damagedIndex.ts';
import { openDatabase, type Database } from './store/database.ts';
import { readMatrix, type EmbeddingMatrix } from './store/embeddingMatrix.ts';
import { createFileCounts } from './store/fileCounts.ts';
import { number } from './store/rows.ts';
import { inside, type Inside, type StoredModel } from './store/store.ts';

/** The indexed images of one root folder, seen through one model. Several may be open over the same index file. */
export interface Library extends AsyncDisposable {
  /** Absolute. Paths of images are relative to it, with '/'. */
  readonly root: string;
  readonly inference: Inference;
  /** Where the index was damaged and this is a new one in its place: for people to know, once. */
  readonly recovered: RecoveredIndex | undefined;
  readonly [inside]: Inside;
  /** The embeddings of all indexed images as they are now. */
  matrix(): Promise<EmbeddingMatrix>;
  calibration(): Promise<Calibration>;
  /** What similarities are measured against: the model's reference, or how the embeddings of the matrix are spread. */
  distribution(matrix: EmbeddingMatrix, signal?: AbortSignal): Promise<ImageDistribution>;
}

export interface LibraryOptions {
  readonly root: string;
  /** Default: `.assetlens/index.db` in the root. */
  readonly indexFile?: string | undefined;
  /** Stays the caller's to dispose, after the library. */
  readonly inference: Inference;
}

const INDEX_FOLDER = '.assetlens';

/**
 * Opens the index of a folder, or begins one; it is filled by updateIndex.
 * @throws UserError where the root is no folder, or the index cannot be opened, created or used with this model
 */
export async function openLibrary({ root, indexFile, inference }: LibraryOptions): Promise<Library> {
  const absolute = path.resolve(root);
  const isFolder = await stat(absolute).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new UserError(`${absolute} is no folder. Check the path.`);
  const file = indexFile ? path.resolve(indexFile) : path.join(absolute, INDEX_FOLDER, 'index.db');
  await makeFolder(path.dirname(file));
  const database = await openDatabase(file);
  try {
    const model = await storedModel(database, inference);
    return {
      root: absolute,
      inference,
      recovered: database.recovered,
      [inside]: { database, model, fileCounts: createFileCounts(database) },
      ...derived(database, model, inference),
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    };
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

/** What is computed from the index and kept until the index changes. */
function derived(
  database: Database,
  model: StoredModel,
  inference: Inference,
): Pick<Library, 'matrix' | 'calibration' | 'distribution'> {
  const calibration = once(() => readCalibration(inference.model));
  let matrix: { generation: number; promise: Promise<EmbeddingMatrix> } | undefined;
  let last: EmbeddingMatrix | undefined;
  let spread: { readonly key: string; readonly distribution: ImageDistribution } | undefined;
  return {
    calibration,
    matrix() {
      const generation = generationOf(database);
      if (matrix?.generation === generation) return matrix.promise;
      const promise = readMatrix(database, model, last);
      const entry = { generation, promise };
      matrix = entry;
      promise.then(
        (read) => {
          last = read;
        },
        () => {
          if (matrix === entry) matrix = undefined;
        },
      );
      return promise;
    },
    async distribution(of, signal) {
      const { reference } = await calibration();
      if (reference) return reference;
      const key = `${of.source.key}/${of.source.rows}`;
      if (spread?.key === key) return spread.distribution;
      const distribution = ownDistribution(await inference.moments(of.source, signal));
      spread = { key, distribution };
      return distribution;
    },
  };
}

/** Loads once and shares the promise; a failed load is forgotten. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let promise: Promise<T> | undefined;
  return () => {
    promise ??= load().catch((error: unknown) => {
      promise = undefined;
      throw error;
    });
    return promise;
  };
}

/** Counts the changes of the rows of the matrix, whichever process makes them. */
function generationOf(database: Database): number {
  const row = database.get('SELECT generation FROM library');
  if (!row) throw database.damaged('a row is missing');
  return number(row, 'generation');
}

/** The folder of the index is kept out of version control by a file of its own: nobody's .gitignore need change. */
async function makeFolder(folder: string): Promise<void> {
  try {
    const created = await mkdir(folder, { recursive: true });
    if (created !== undefined && path.basename(folder) === INDEX_FOLDER) {
      await writeFile(path.join(folder, '.gitignore'), '*\n');
    }
  } catch (error) {
    throw new UserError(
      `The folder ${folder} for the index cannot be made (${messageOf(error)}). Check that the folder above it can be written.`,
    );
  }
}

async function storedModel(database: Database, inference: Inference): Promise<StoredModel> {
  const { id: name, embeddingSize: columns } = inference.model.manifest;
  const find = () => database.get('SELECT id, columns FROM models WHERE name = ?', name);
  if (!find()) {
    await database.write([['INSERT INTO models (name, columns) VALUES (?, ?) ON CONFLICT DO NOTHING', name, columns]]);
  }
  const row = find();
  if (!row || number(row, 'columns') !== columns) {
    throw new UserError(
      `The index ${database.file} holds embeddings of another size for the model "${name}". Use the model that it was made with, or give this one an id of its own in its manifest.`,
    );
  }
  return { id: number(row, 'id'), name, columns };
}
