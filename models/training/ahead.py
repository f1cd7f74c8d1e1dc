"""Batches made ready beside the training, on whatever a second core has to spare."""

import os
import queue

import torch


class Ahead:
    """A process that takes from a generator as long as there is room for what it yields (tensors, in tuples).

    It runs only when nothing else wants its core, so the training never waits for it: without a batch that is ready, it makes one itself.
    What is learned from therefore depends on how busy the machine is.
    """

    def __init__(self, batches, room=3):
        context = torch.multiprocessing.get_context('fork')  # the corpus is shared, not read again
        self.ready = context.Queue(room)
        self.process = context.Process(target=self.work, args=(batches,), daemon=True)
        self.process.start()

    def work(self, batches):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        torch.set_num_threads(1)
        with torch.inference_mode():
            for batch in batches:
                self.ready.put(batch)

    def take(self):
        """A batch that is ready, or None."""
        if not self.process.is_alive():
            raise RuntimeError(f'the process beside the training ended with {self.process.exitcode}')
        try:
            return self.ready.get_nowait()
        except queue.Empty:
            return None

    def stop(self):
        self.process.terminate()
        self.process.join()
