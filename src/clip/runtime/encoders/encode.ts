import * as ort from 'onnxruntime-node';
import { UserError, messageOf } from '../../../base/userError.ts';
import type { ModelManifest } from '../../base/manifest.ts';
import type { Tokens } from '../../text/tokenizer.ts';
import { imageRuns, normaliseRows, textRuns, type Run } from './feeds.ts';
import { floatOutput, type LazySession } from './sessions.ts';

/**
 * Encodes images: [n] of [size, size, 3] → [n, D], unit rows.
 * The rows may be no embeddings, see embeddingProblem: the values of an image may exceed half precision.
 * @param memory for the pixels, see imageRuns
 * @throws UserError if the size of the graph's output is not that of the manifest
 */
export async function encodePixels(
  session: LazySession,
  images: readonly Uint8Array[],
  { image, embeddingSize }: Pick<ModelManifest, 'image' | 'embeddingSize'>,
  memory?: Uint8Array,
): Promise<Float32Array> {
  return session.use((s) => runAll(s, imageRuns(image, images, memory), embeddingSize, image.tensors !== undefined));
}

/**
 * Encodes texts: token ids [n, length] → [n, D], unit rows.
 * @throws UserError if the size of the graph's output is not that of the manifest, or the output is no embedding
 */
export async function encodeTokens(
  session: LazySession,
  tokens: Tokens,
  { text, embeddingSize }: Pick<ModelManifest, 'text' | 'embeddingSize'>,
): Promise<Float32Array> {
  const isThirdParty = text.tensors !== undefined;
  const embeddings = await session.use((s) =>
    runAll(s, textRuns(text, tokens), embeddingSize, isThirdParty).catch((error: unknown) => {
      throw textEncoderError(error);
    }),
  );
  for (let start = 0; start < embeddings.length; start += embeddingSize) {
    const problem = embeddingProblem(embeddings.subarray(start, start + embeddingSize));
    if (problem !== undefined) throw noEmbeddings('texts', problem);
  }
  return embeddings;
}

/** The text encoder runs on the CPU, so an error of ONNX Runtime means that the graph does not fit its manifest. */
function textEncoderError(error: unknown): unknown {
  if (error instanceof UserError) return error;
  const [reason = ''] = messageOf(error).split('\n');
  return new UserError(
    `The text encoder of the model fails: ${reason}. Its files do not belong together. Install or convert the model again.`,
    { cause: error },
  );
}

/** The reason why a row is no embedding, as a clause; undefined if it is one. */
export function embeddingProblem(row: Float32Array): string | undefined {
  if (!row.every(Number.isFinite)) return 'its numbers are invalid (NaN or infinite)';
  return row.some((value) => value !== 0) ? undefined : 'all its numbers are zero';
}

/** The error of a model whose weights are damaged. */
export function noEmbeddings(inputs: 'images' | 'texts', problem: string): UserError {
  return new UserError(
    `The model gives no embeddings of ${inputs}: ${problem}. Its weights are damaged. Install or convert the model again, or choose another model.`,
  );
}

/**
 * Runs an encoder: [rows of all runs, D], unit rows.
 * @param isThirdParty whether the graph is a third-party graph: our own graphs return unit rows
 */
async function runAll(
  session: ort.InferenceSession,
  runs: readonly Run[],
  embeddingSize: number,
  isThirdParty: boolean,
): Promise<Float32Array> {
  const embeddings = new Float32Array(runs.reduce((sum, { rows }) => sum + rows, 0) * embeddingSize);
  let offset = 0;
  for (const { feeds, output, rows } of runs) {
    const tensors = feeds.map(({ input, type, data, dims }) => [input, new ort.Tensor(type, data, dims)] as const);
    const values = floatOutput(await session.run(Object.fromEntries(tensors), [output]), output);
    if (values.length !== rows * embeddingSize) {
      throw new UserError(
        `The model returns ${values.length / rows} values for each input instead of the ${embeddingSize} in its manifest. Install or convert the model again.`,
      );
    }
    embeddings.set(values, offset);
    offset += values.length;
  }
  if (isThirdParty) normaliseRows(embeddings, embeddingSize);
  return embeddings;
}
