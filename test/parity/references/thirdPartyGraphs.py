"""Writes test/parity/fixtures/thirdPartyGraphs: image encoders with random weights as exporters write them, and their heatmaps.

    .venv/bin/python test/parity/references/thirdPartyGraphs.py                  # all fixtures
    .venv/bin/python test/parity/references/thirdPartyGraphs.py --large <file>   # a ViT-B/32 of random weights, to measure with

Graphs are stripped of what no runtime reads (traces of Python, shapes of values) and compressed. What is expected of them is computed by
heatmaps.py, block by block in double precision, and not from the graphs.
"""

import gzip
import os
import shutil
import sys
import tempfile

import onnx
import open_clip
import torch
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

import encoders
import heatmaps
from encoders import OPENAI, normalised

FIXTURES = os.path.join(os.path.dirname(encoders.FIXTURES), 'thirdPartyGraphs')
SIDE, PATCH, WIDTH, HEADS, LAYERS, MLP, EMBEDDING = 32, 8, 16, 2, 4, 32, 24


class Embeds(torch.nn.Module):
    """An encoder as exporters wrap it: pixel_values float32 -> image_embeds float32."""

    def __init__(self, encode, model, dtype=torch.float32):
        super().__init__()
        self.encode, self.model, self.dtype = encode, model, dtype

    def forward(self, pixel_values):
        return self.encode(self.model, pixel_values.to(self.dtype)).float()


def of_transformers(model, pixel_values):
    return model(pixel_values=pixel_values).image_embeds


def of_open_clip(model, pixel_values):
    return model.encode_image(pixel_values)


def of_open_clip_unit(model, pixel_values):
    return model.encode_image(pixel_values, normalize=True)


def attention_by_bmm(self, hidden_states, *_, **__):
    """As transformers did until 4.47: heads beside images in one dimension, queries scaled before they are laid out."""
    batch, tokens, width = hidden_states.shape
    shape = lambda x: x.view(batch, -1, self.num_heads, self.head_dim).transpose(1, 2).contiguous().view(batch * self.num_heads, -1, self.head_dim)
    q = shape(self.q_proj(hidden_states) * self.scale)
    weights = torch.softmax(torch.bmm(q, shape(self.k_proj(hidden_states)).transpose(1, 2)), dim=-1)
    mixed = torch.bmm(torch.nn.functional.dropout(weights, p=0.0, training=self.training), shape(self.v_proj(hidden_states)))
    mixed = mixed.view(batch, self.num_heads, tokens, self.head_dim).transpose(1, 2).reshape(batch, tokens, width)
    return self.out_proj(mixed), None


def export(model, file, dynamo, opset, side=SIDE):
    torch.backends.mha.set_fastpath_enabled(False)  # a node of PyTorch alone
    image = torch.rand(1, 3, side, side)
    names = {'input_names': ['pixel_values'], 'output_names': ['image_embeds'], 'opset_version': opset, 'dynamo': dynamo}
    open_sizes = (
        {'dynamic_shapes': {'pixel_values': {0: torch.export.Dim('batch')}}, 'external_data': False, 'verbose': False}
        if dynamo
        else {'dynamic_axes': {'pixel_values': {0: 'batch'}, 'image_embeds': {0: 'batch'}}}
    )
    with torch.no_grad():
        torch.onnx.export(model, (image,), file, **names, **open_sizes)


def write_graph(name, model, dynamo, opset):
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, 'model.onnx')
        export(model, file, dynamo, opset)
        graph = onnx.load(file)
    graph.graph.ClearField('value_info')
    graph.graph.ClearField('metadata_props')
    graph.ClearField('metadata_props')
    graph.ClearField('functions')
    for node in [*graph.graph.node, *graph.graph.initializer, *graph.graph.input, *graph.graph.output]:
        node.ClearField('doc_string')
        node.ClearField('metadata_props')
    with open(os.path.join(FIXTURES, f'{name}.onnx.gz'), 'wb') as file:
        file.write(gzip.compress(graph.SerializeToString(), 9, mtime=0))


def write_expected(name, reference, embed):
    pixels = encoders.sample_pixels(SIDE, 11)
    heatmaps.HEATMAPS = FIXTURES
    with torch.no_grad():
        embeds = embed(normalised(pixels, **OPENAI).double())
    reference(name, heatmaps.texts(EMBEDDING, 8), embeds, pixels)


def transformers_model(attention, activation, seed):
    config = CLIPVisionConfig(
        hidden_size=WIDTH,
        intermediate_size=MLP,
        projection_dim=EMBEDDING,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        image_size=SIDE,
        patch_size=PATCH,
        hidden_act=activation,
    )
    torch.manual_seed(seed)
    model = CLIPVisionModelWithProjection._from_config(config, attn_implementation=attention).eval()
    encoders.randomise(model, torch.float16)
    return model


def open_clip_model(quick, seed):
    vision = {'image_size': SIDE, 'layers': LAYERS, 'width': WIDTH, 'head_width': WIDTH // HEADS, 'patch_size': PATCH, 'mlp_ratio': MLP / WIDTH}
    text = {'context_length': 4, 'vocab_size': 8, 'width': 8, 'heads': 1, 'layers': 1}
    torch.manual_seed(seed)
    model = open_clip.model.CLIP(embed_dim=EMBEDDING, vision_cfg=vision, text_cfg=text, quick_gelu=quick).eval()
    encoders.randomise(model, torch.float16)
    return model


def expect_transformers(name, activation, seed):
    model = transformers_model('eager', activation, seed).double()
    parts = (model.vision_model, model.visual_projection, model.config)
    write_expected(
        name, lambda name, *rest: heatmaps.reference_of_transformers(name, *parts, *rest), lambda images: of_transformers(model, images)
    )


def expect_open_clip(name, quick, seed):
    model = open_clip_model(quick, seed).double()
    weights = heatmaps.doubled(model.state_dict(), 'visual.')
    activation = heatmaps.quick_gelu if quick else torch.nn.functional.gelu
    write_expected(
        name,
        lambda name, *rest: heatmaps.reference_of_open_clip(name, weights, HEADS, PATCH, activation, *rest),
        lambda images: of_open_clip(model, images),
    )


def fixtures():
    shutil.rmtree(FIXTURES, ignore_errors=True)
    os.makedirs(FIXTURES)
    quick = lambda attention, **how: Embeds(of_transformers, transformers_model(attention, 'quick_gelu', 21), **how)
    expect_transformers('transformers-quickgelu', 'quick_gelu', 21)
    write_graph('transformers-quickgelu.eager', quick('eager'), False, 14)
    write_graph('transformers-quickgelu.sdpa', quick('sdpa'), False, 17)
    write_graph('transformers-quickgelu.sdpa-dynamo', quick('sdpa'), True, 18)
    half = quick('sdpa', dtype=torch.float16)
    half.model.half()
    write_graph('transformers-quickgelu.sdpa-fp16', half, False, 17)
    bmm = quick('eager')
    for layer in bmm.model.vision_model.encoder.layers:
        layer.self_attn.forward = attention_by_bmm.__get__(layer.self_attn)
    write_graph('transformers-quickgelu.bmm', bmm, False, 12)

    expect_transformers('transformers-gelu', 'gelu', 22)
    write_graph('transformers-gelu.eager-dynamo', Embeds(of_transformers, transformers_model('eager', 'gelu', 22)), True, 20)

    expect_open_clip('openclip-quickgelu', True, 23)
    write_graph('openclip-quickgelu.torchscript', Embeds(of_open_clip, open_clip_model(True, 23)), False, 17)
    expect_open_clip('openclip-gelu', False, 24)
    write_graph('openclip-gelu.torchscript-unit', Embeds(of_open_clip_unit, open_clip_model(False, 24)), False, 14)
    write_graph('openclip-gelu.dynamo', Embeds(of_open_clip, open_clip_model(False, 24)), True, 18)
    # Attention is one operator since set 23.
    write_graph('openclip-gelu.fused', Embeds(of_open_clip, open_clip_model(False, 24)), True, 23)


if __name__ == '__main__':
    if '--large' in sys.argv:
        torch.manual_seed(1)
        large = CLIPVisionModelWithProjection(CLIPVisionConfig()).eval()
        export(Embeds(of_transformers, large), sys.argv[sys.argv.index('--large') + 1], False, 17, 224)
    else:
        fixtures()
