/**
 * An object that releases its resources in dispose(). Compatible with vscode.Disposable, but independent of the editor.
 */
export interface Disposable {
  dispose(): void;
}
