/** What the extension ends by dispose(): as the editor's Disposable, but an object and no class. */
export interface Disposable {
  dispose(): void;
}
