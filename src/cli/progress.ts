import { Presets, SingleBar } from 'cli-progress';

/** Displays progress on standard error: a bar on a terminal, or else a line every few seconds. */
export interface ProgressDisplay extends Disposable {
  update(progress: { readonly done: number; readonly total: number; readonly note: string }): void;
}

const LINE_MILLISECONDS = 5000;

export function progressDisplay(title: string, stream: NodeJS.WriteStream = process.stderr): ProgressDisplay {
  return stream.isTTY ? new ProgressBar(title, stream) : new ProgressLines(title, stream);
}

class ProgressBar implements ProgressDisplay {
  readonly #bar: SingleBar;
  #isShown = false;

  constructor(title: string, stream: NodeJS.WriteStream) {
    this.#bar = new SingleBar(
      {
        format: `${title} {bar} {value}/{total} {note}`,
        stream,
        hideCursor: true,
        clearOnComplete: true,
        gracefulExit: false,
      },
      Presets.shades_classic,
    );
  }

  update({ done, total, note }: { readonly done: number; readonly total: number; readonly note: string }): void {
    if (!this.#isShown) {
      this.#bar.start(total, done, { note });
      this.#isShown = true;
      return;
    }
    this.#bar.setTotal(total);
    this.#bar.update(done, { note });
  }

  /** Removes the bar. It can be called before the scope ends, so that another bar can replace it. */
  [Symbol.dispose](): void {
    if (this.#isShown) this.#bar.stop();
    this.#isShown = false;
  }
}

class ProgressLines implements ProgressDisplay {
  readonly #title: string;
  readonly #stream: NodeJS.WriteStream;
  #lastTime = Date.now();

  constructor(title: string, stream: NodeJS.WriteStream) {
    this.#title = title;
    this.#stream = stream;
  }

  update({ done, total, note }: { readonly done: number; readonly total: number; readonly note: string }): void {
    if (Date.now() - this.#lastTime < LINE_MILLISECONDS) return;
    this.#lastTime = Date.now();
    this.#stream.write(`${this.#title} ${done}/${total} ${note}\n`);
  }

  [Symbol.dispose](): void {
    // Nothing to remove: printed lines stay.
  }
}
