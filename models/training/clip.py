"""A CLIP checkpoint as open_clip reads it: its folder, its tokenizer, and the names of its tensors."""

import json
import math
import os

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch import nn

from model import CONTEXT, ModifiedResNet, TextTransformer

PREPROCESS = {'mean': [0.5] * 3, 'std': [0.25] * 3, 'interpolation': 'area', 'resize_mode': 'longest', 'fill_color': 255}


def build_tokenizer(strings, size):
    """Lower-case byte-pair encoding as CLIP's: byte alphabet, words end in </w>; start and end are the two highest ids."""
    t = Tokenizer(models.BPE(end_of_word_suffix='</w>', unk_token='<|endoftext|>'))
    t.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r'\s+'), ' '), normalizers.Lowercase()])
    words = Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(words, 'removed', invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    t.train_from_iterator(strings, trainers.BpeTrainer(vocab_size=size - 2, end_of_word_suffix='</w>', initial_alphabet=alphabet, show_progress=False))
    t.add_special_tokens(['<|startoftext|>', '<|endoftext|>'])
    return t


def complete(tokenizer, text):
    """Every byte may end a word: adds the pieces of single bytes with </w> that no text of the training had, before the two
    special tokens, which stay the highest. -> tokenizer and text transformer; a new piece begins as the byte inside a word does."""
    described = json.loads(tokenizer.to_str())
    vocabulary = described['model']['vocab']
    old = tokenizer.get_vocab_size()
    missing = [c for c in sorted(pre_tokenizers.ByteLevel.alphabet()) if f'{c}</w>' not in vocabulary]
    if not missing:
        return tokenizer, text
    first = min(t['id'] for t in described['added_tokens'])
    alike = [vocabulary[c] for c in missing]
    vocabulary.update({f'{c}</w>': first + i for i, c in enumerate(missing)})
    for token in described['added_tokens']:
        token['id'] += len(missing)
    rows = text.tokens.weight.data
    text.tokens = torch.nn.Embedding.from_pretrained(torch.cat([rows[:first], rows[alike], rows[first:]]), freeze=False)
    completed = Tokenizer.from_str(json.dumps(described))
    assert completed.get_vocab_size() == old + len(missing)
    return completed, text


def token_ids(tokenizer, texts, context=CONTEXT):
    """Texts -> ids [B, longest], cut to the context, padded behind the end with the end token."""
    start, end = tokenizer.token_to_id('<|startoftext|>'), tokenizer.token_to_id('<|endoftext|>')
    ids = [[start, *e.ids[: context - 2], end] for e in tokenizer.encode_batch(texts)]
    longest = max(map(len, ids))
    return torch.tensor([line + [end] * (longest - len(line)) for line in ids])


def tensor_names(net, text):
    """[(name in open_clip, name of mine in net or text)] of all parameters and batch statistics."""
    pairs = []
    for mine in net.state_dict():
        theirs = mine.replace('attnpool.pos', 'attnpool.positional_embedding')
        for letter in 'qkvc':
            theirs = theirs.replace(f'attnpool.{letter}.', f'attnpool.{letter}_proj.')
        theirs = theirs.replace('.down.1.', '.downsample.0.').replace('.down.2.', '.downsample.1.')
        pairs.append(('visual.' + theirs, mine))
    parts = {'ln1': 'ln_1', 'ln2': 'ln_2', 'qkv': 'attn.in_proj', 'proj': 'attn.out_proj', 'fc': 'mlp.c_fc', 'out': 'mlp.c_proj'}
    plain = {'tokens.weight': 'token_embedding.weight', 'positions': 'positional_embedding', 'projection': 'text_projection'}
    for mine in text.state_dict():
        if mine.startswith('blocks.'):
            _, number, part, kind = mine.split('.')
            joint = '_' if part == 'qkv' else '.'
            pairs.append((f'transformer.resblocks.{number}.{parts[part]}{joint}{kind}', mine))
        else:
            pairs.append((plain.get(mine, mine), mine))
    return pairs


def fresh_text(config):
    """model_cfg -> text transformer of these sizes that knows nothing."""
    words = config['text_cfg']
    return TextTransformer(words['vocab_size'], words['width'], words['layers'], config['embed_dim'], words['context_length'])


def fresh(config):
    """model_cfg -> image encoder and text transformer of these sizes that know nothing."""
    vision = config['vision_cfg']
    net = ModifiedResNet(vision['layers'], vision['width'], vision['image_size'], config['embed_dim'])
    return net.to(memory_format=torch.channels_last), fresh_text(config)


def fill(module, pairs, tensors, folder):
    """Loads the tensors of an open_clip checkpoint into a module."""
    own = module.state_dict()
    module.load_state_dict({mine: tensors[theirs].float() for theirs, mine in pairs if mine in own and theirs in tensors}, strict=False)
    missing = [theirs for theirs, mine in pairs if mine in own and theirs not in tensors and 'num_batches' not in theirs]
    if missing:
        raise ValueError(f'{folder} lacks {missing[:5]}')


def load(folder):
    """Folder of an open_clip checkpoint -> image encoder, text transformer, tokenizer, log of the logit scale [], model_cfg."""
    with open(f'{folder}/open_clip_config.json') as f:
        config = json.load(f)['model_cfg']
    tensors = load_file(f'{folder}/open_clip_model.safetensors')
    tokenizer = Tokenizer.from_file(f'{folder}/tokenizer.json')
    scale = tensors.get('logit_scale', torch.tensor(math.log(30.0))).float()
    if 'branches' in config['vision_cfg']:
        from branches import Branches, TextsWithoutKinds, floats  # which need EfficientNet

        text = fresh_text(config)
        fill(text, [(theirs, mine) for theirs, mine in tensor_names(nn.Module(), text)], tensors, folder)
        net = Branches(floats(tensors), config['vision_cfg'])
        return net, TextsWithoutKinds(text, config['vision_cfg']['kinds']), tokenizer, scale, config
    net, text = fresh(config)
    pairs = tensor_names(net, text)
    for module in (net, text):
        fill(module, pairs, tensors, folder)
    return net, text, tokenizer, scale, config


def save(folder, net, text, tokenizer, scale, config):
    """Writes the checkpoint: matrices in float16, the rest in float32. Each file appears whole (written beside, then renamed)."""
    os.makedirs(folder, exist_ok=True)
    both = {**net.state_dict(), **text.state_dict()}
    tensors = {theirs: both[mine].detach().cpu() for theirs, mine in tensor_names(net, text)}
    tensors['logit_scale'] = scale.detach().cpu()
    tensors = {k: (v.half() if v.ndim > 1 else v).contiguous() for k, v in tensors.items()}
    at = os.path.join(folder, '')
    save_file(tensors, at + 'open_clip_model.safetensors.tmp')
    with open(at + 'open_clip_config.json.tmp', 'w') as f:
        # 'assetlens' is ours, open_clip passes over it: nearly white pictures go on dark, and all are softened, as by Painter.plain
        json.dump({'model_cfg': config, 'preprocess_cfg': PREPROCESS, 'assetlens': {'background': 'contrast', 'soften': True}}, f, indent=1)
    tokenizer.save(at + 'tokenizer.json.tmp')
    for name in ('open_clip_model.safetensors', 'open_clip_config.json', 'tokenizer.json'):
        os.chmod(f'{at}{name}.tmp', 0o644)
        os.replace(f'{at}{name}.tmp', at + name)
