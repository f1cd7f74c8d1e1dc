"""Depthwise convolution between two ReLU6 in bfloat16, by a small C kernel (depthwise.c) that gcc compiles for this
machine."""

import ctypes
import hashlib
import os
import subprocess
import tempfile

import torch

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'depthwise.c')


def compiled():
    """The library, compiled once for this source and machine; None without a compiler."""
    with open(SOURCE, 'rb') as f:
        digest = hashlib.sha256(f.read()).hexdigest()[:12]
    path = os.path.join(tempfile.gettempdir(), f'depthwise-{os.getuid()}-{digest}.so')
    try:
        if not os.path.exists(path):
            part = f'{path}.{os.getpid()}'
            subprocess.run(['gcc', '-O3', '-march=native', '-shared', '-fPIC', '-o', part, SOURCE], check=True, capture_output=True)
            os.replace(part, path)
        return ctypes.CDLL(path)
    except (OSError, subprocess.CalledProcessError):
        return None


LIBRARY = compiled()


class Shape(ctypes.Structure):
    _fields_ = [(n, ctypes.c_int) for n in ('batch', 'height', 'width', 'channels', 'out_height', 'out_width', 'stride', 'top', 'left', 'open')]


def pointer(x):
    return ctypes.c_void_p(x.data_ptr())


class Depthwise(torch.autograd.Function):
    """relu6(bias + weight * relu6(x)), where `open` without the outer one: x bfloat16 [B,C,H,W] in channels_last,
    weight [C,1,k,k],
    padding as TensorFlow's."""

    @staticmethod
    def forward(ctx, x, weight, bias, stride, open=False):
        b, c, h, w = x.shape
        kernel = weight.shape[-1]
        out_h, out_w = -(-h // stride), -(-w // stride)
        down, across = (max((o - 1) * stride + kernel - n, 0) for o, n in ((out_h, h), (out_w, w)))
        shape = Shape(b, h, w, c, out_h, out_w, stride, down // 2, across // 2, int(open))
        x = x.contiguous(memory_format=torch.channels_last)
        filters = weight.detach().float().view(c, kernel * kernel).t().contiguous()
        y = torch.empty((b, c, out_h, out_w), dtype=torch.bfloat16, memory_format=torch.channels_last)
        LIBRARY.depthwise_forward(pointer(x), pointer(filters), pointer(bias.detach().float().contiguous()), pointer(y), kernel, ctypes.byref(shape))
        ctx.save_for_backward(x, filters, y)
        ctx.shape, ctx.kernel = shape, kernel
        return y

    @staticmethod
    def backward(ctx, dy):
        x, filters, y = ctx.saved_tensors
        dy = dy.contiguous(memory_format=torch.channels_last)
        dx, dw, dbias = torch.empty_like(x), torch.zeros_like(filters), torch.zeros(filters.shape[1])
        LIBRARY.depthwise_backward(*map(pointer, (x, filters, y, dy, dx, dw, dbias)), ctx.kernel, ctypes.byref(ctx.shape))
        return dx, dw.t().reshape(-1, 1, ctx.kernel, ctx.kernel), dbias, None, None


def fits(x):
    """Whether the kernel takes this: bfloat16 on a CPU, channels in sixteens."""
    return LIBRARY is not None and x.dtype == torch.bfloat16 and x.device.type == 'cpu' and x.shape[1] % 16 == 0
