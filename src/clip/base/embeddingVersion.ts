/**
 * Version of AssetLens' own part in an embedding, besides the model. Raise it whenever the same model would embed
 * differently: when the graphs of families/ compute anything else, or the pre-processing makes other pixels.
 * Pre-processing also affects models that were converted before, so raise the manifest's `formatVersion` with it: such
 * models are refused until they are converted again.
 */
export const EMBEDDING_VERSION = 1;
