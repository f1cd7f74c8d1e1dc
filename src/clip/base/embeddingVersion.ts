/**
 * The version of the code that an embedding depends on, besides the model. Increase it whenever the same model gives
 * other embeddings: when the graphs of families/ or the pixels of the pre-processing change. Pre-processing also
 * affects models that are already converted. Increase `formatVersion` of the manifest too, so that such models must be
 * converted again.
 */
export const EMBEDDING_VERSION = 2;
