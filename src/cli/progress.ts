import { Presets, SingleBar } from 'cli-progress';

/** Shows how far a long job is: a bar on a terminal, a line now and then elsewhere. Always on standard error. */
export interface ProgressDisplay extends Disposable {
  update(state: { readonly done: number; readonly total: number; readonly note: string }): void;
}

const LINE_MILLISECONDS = 5000;

export function progressDisplay(what: string, stream: NodeJS.WriteStream = process.stderr): ProgressDisplay {
  return stream.isTTY ? bar(what, stream) : lines(what, stream);
}

function bar(what: string, stream: NodeJS.WriteStream): ProgressDisplay {
  const display = new SingleBar(
    {
      format: `${what} {bar} {value}/{total} {note}`,
      stream,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  let started = false;
  return {
    update({ done, total, note }) {
      if (!started) {
        display.start(total, done, { note });
        started = true;
        return;
      }
      display.setTotal(total);
      display.update(done, { note });
    },
    [Symbol.dispose]() {
      if (started) display.stop();
      started = false; // where one bar takes over from another, it is taken down before its scope ends
    },
  };
}

function lines(what: string, stream: NodeJS.WriteStream): ProgressDisplay {
  let last = Date.now();
  return {
    update({ done, total, note }) {
      if (Date.now() - last < LINE_MILLISECONDS) return;
      last = Date.now();
      stream.write(`${what} ${done}/${total} ${note}\n`);
    },
    [Symbol.dispose]() {
      // Nothing to take down.
    },
  };
}
