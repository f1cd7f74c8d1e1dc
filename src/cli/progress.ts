import { Presets, SingleBar } from 'cli-progress';
import { printable } from '../base/printable.ts';

/** Displays progress on standard error: a bar on a terminal, or else a line every few seconds. */
export interface ProgressDisplay extends Disposable {
  /** @param progress its note may contain text of others, such as the name of a file */
  update(progress: Progress): void;
}

interface Progress {
  readonly done: number;
  readonly total: number;
  readonly note: string;
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

  update({ done, total, note: written }: Progress): void {
    const note = printable(written);
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

  update({ done, total, note }: Progress): void {
    if (Date.now() - this.#lastTime < LINE_MILLISECONDS) return;
    this.#lastTime = Date.now();
    this.#stream.write(`${this.#title} ${done}/${total} ${printable(note)}\n`);
  }

  [Symbol.dispose](): void {
    // Nothing to remove: printed lines stay.
  }
}
