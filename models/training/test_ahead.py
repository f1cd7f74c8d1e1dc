import time
import unittest

import torch

from ahead import Ahead


def wait(ahead):
    """The next batch that is ready."""
    while (batch := ahead.take()) is None:
        time.sleep(0.01)
    return batch


class Ahead_(unittest.TestCase):
    def test_hands_over_batches_in_order_and_never_waits(self):
        ahead = Ahead((k, torch.full((2, 3), k, dtype=torch.bfloat16)) for k in range(100))
        try:
            for k in range(5):
                number, tensor = wait(ahead)
                self.assertEqual(number, k)
                self.assertTrue(tensor.eq(k).all())
        finally:
            ahead.stop()

    def test_says_that_the_process_is_gone(self):
        ahead = Ahead(iter(()))
        ahead.process.join()
        with self.assertRaisesRegex(RuntimeError, 'ended with 0'):
            ahead.take()


if __name__ == '__main__':
    unittest.main()
