/** An object that the extension disposes. Unlike the editor's Disposable, it is an interface and not a class. */
export interface Disposable {
  dispose(): void;
}
