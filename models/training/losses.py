"""CLIP's loss with several right pairs in a batch."""

import torch
import torch.nn.functional as F


def contrastive_loss(logits, match, left_out, further=None):
    """CLIP's symmetric loss (2103.00020, figure 3), targets shared among all right pairs. All [pictures, texts]; left_out pairs do
    not count, and pictures without a right text among these are only what the texts are told apart from.

    further [B, n]: logits of more texts that each picture is told apart from; they are no picture's own.
    """
    logits = logits.masked_fill(left_out, -1e4)
    right = match.sum(1, keepdim=True)
    by_image = match / right.clamp_min(1e-9) / (right > 0).sum()
    by_text = match / match.sum(0, keepdim=True)
    among = logits if further is None else torch.cat([logits, further], 1)
    image_loss = -(by_image * F.log_softmax(among, 1)[:, : logits.shape[1]]).sum()
    text_loss = -(by_text * F.log_softmax(logits, 0)).sum(0).mean()
    return (image_loss + text_loss) / 2
