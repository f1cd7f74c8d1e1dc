"""Writes test/parity/fixtures/tokenizer: a small CLIP tokenizer.json, and the ids that two references agree on for some 300 texts.

    python test/parity/references/tokenizer.py [FULL]

The references are open_clip's SimpleTokenizer, which is the code of the paper's authors, and Hugging Face's tokenizers (Rust).
The merges are the first 1,500 of the bundled model's tokenizer.json as it was when this first ran; they are kept in the fixture.
With FULL, a folder, it also writes there the whole vocabulary of OpenAI's CLIP and 6,000 random texts, too large to be committed.
Needs: pip install open_clip_torch transformers.
"""

import gzip
import html
import json
import random
import sys
import tempfile
import unicodedata
from pathlib import Path

import ftfy
from open_clip.tokenizer import SimpleTokenizer, bytes_to_unicode, default_bpe
from transformers import CLIPTokenizer

ROOT = Path(__file__).parents[3]
FIXTURES = ROOT / 'test/parity/fixtures/tokenizer'
START, END = '<|startoftext|>', '<|endoftext|>'
CONTEXT = 77

# Of ftfy's repairs only the canonical composition is kept: guessing what mis-decoded text meant is no part of the tokenizer.
ftfy.fix_text = lambda text: unicodedata.normalize('NFC', text)

WRITTEN = [
    '', ' ', '\t\n', 'a', 'dog', 'Dog', 'DOG', 'a dog', ' a  dog ', 'a\tdog\n', 'a photo of a dog.', 'a photo of a dog .',
    'itap of a shopping cart.', 'a bad photo of the magnifying glass.', 'art of the arrow-left icon', 'arrow_left', 'arrowLeft',
    'ic_launcher_round', 'file.type-typescript.svg', 'src/assets/icons/user@2x.png', 'C:\\images\\logo.bmp', 'https://example.com/a?b=c&d=e#f',
    "don't", "DON'T", "it's the dog's", "we're they've I'm he'd she'll can't", "'", "''", "'s", "'S", "s'", "rock 'n' roll", "o'clock", "'tis",
    'don’t', '“quoted”', '‘single’', '"double"', '`code`', '1', '12', '1234567890', '3.14', '1,000,000', '2x', 'x2', 'mp3 h264', '50%', '$9.99', '€5', '½', '²', 'Ⅷ', '٣', '१२३', '①',
    '!', '!!', '?!', '...', '…', '—', '–', '-', '--', '->', '=>', '<3', ':-)', '¯\\_(ツ)_/¯', '#hashtag', '@mention', '&', 'AT&T', 'R&D', 'a&b;', '&;', '&#;', '&#x;',
    '&lt;b&gt;bold&lt;/b&gt;', '&amp;', '&amp;amp;', '&amp;lt;', '&quot;x&quot;', '&#39;x&#39;', '&#x27;x', '&eacute;', '&eacute', '&copy2020', '&notit;', '&hearts;', '&nbsp;x&nbsp;', '&#128054;', '&#x1F436;', '&NotEqualTilde;', '&unknown;',
    'café', 'cafe\u0301', 'naïve façade', 'Ångström', 'A\u030angstro\u0308m', 'ß', 'STRASSE Straße', 'Æsir œuvre', 'ﬁle ﬂow', 'ＦＵＬＬ width', 'İstanbul', 'ISPARTA', 'ısı', 'Ǆ ǅ ǆ', 'ŉ', 'ǰ', 'Z͑ͫ̓a̴l̸g̶o̷',
    'собака', 'СОБАКА', 'фото кота', 'Ёлка', 'українська їжа', 'σκύλος', 'ά', 'Ὀδυσσεύς', 'κόσμος', 'ΟΔΥΣΣΕΥΣ', '狗', '一张狗的照片', '犬の写真', 'ネコ', 'ｶﾞ', 'が か\u3099', '개 사진', '\u1112\u1161\u11ab\u1100\u1173\u11af', '한글',
    'كلب', 'صورة كلب', 'سلام‌علیکم', 'כלב', 'שָׁלוֹם', 'कुत्ता', 'क्षत्रिय', 'நாய்', 'ಕನ್ನಡ', 'หมา', 'ภาพสุนัข', 'ຫມາ', 'խոզ', 'ძაღლი', 'ᲫᲐᲦᲚᲘ', 'ውሻ', 'ᏣᎳᎩ', 'ꮳꮃꭹ', 'ខ្មែរ', 'မြန်မာ', 'བོད', 'ᠮᠣᠩᠭᠣᠯ', '𐐀𐐨', '𝒜𝓁𝓅𝒽𝒶', '𠮷野家', '𓂀',
    '🐶', '🐶🐱', 'a 🐶 dog', '👍🏽', '👨‍👩‍👧‍👦', '🏳️‍🌈', '🇩🇪', '🇩🇪🇫🇷', '1️⃣', '☎️', '☎', '❤️‍🔥', '🧑🏿‍🚀', '\U0001fae0', '\u2764', '♥♥♥', '→', '⇧⌘P', '∑∫√', 'x²+y²≤1', '№5', '™®©', '\u20dd', '▲▼', '█▓▒░', '\ue000', '\U000f0000',
    '\x00', 'a\x00b', '\x07', '\x1b[31mred', 'a\x7fb', 'a\x08b', 'a\u00adb', 'a\u200bb', 'a\u200db', 'a\u2060b', '\u202eabc', 'a\u00a0b', 'a\u2003b', 'a\u3000b', 'a\u2028b', 'a\u2029b', 'a\u0085b', 'a\x0bb\x0cc', 'a\r\nb', '\ufffd', '\u0378', '\U0010ffff', '\ufdd0',
    START, END, f'a {END} b', f'{START}a dog{END}', '<|ENDOFTEXT|>', '<|endof<|endoftext|>text|>', '&lt;|endoftext|&gt;', '</w>', 'dog</w>', '<|', '|>', '[CLS] [PAD] <unk> <s> </s>',
    'supercalifragilisticexpialidocious', 'pneumonoultramicroscopicsilicovolcanoconiosis', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'abababababababababababababab', 'zzzzzzzz qqqqqqqq xxxxxxxx', 'a' * 300, 'ab ' * 100, 'dog ' * 74, 'dog ' * 75, 'dog ' * 76, 'dog ' * 1000,
    'x' * 5000, '1' * 200, '!' * 500, '犬' * 100, '🐶' * 60, ' ' * 500 + 'dog', 'the quick brown fox jumps over the lazy dog ' * 20, 'Lorem ipsum dolor sit amet, consectetur adipiscing elit; sed do eiusmod tempor!',
]  # fmt: skip

RANGES = [
    (0x20, 0x7E), (0x20, 0x7E), (0x61, 0x7A), (0x61, 0x7A), (0x61, 0x7A), (0x20, 0x20), (0xA1, 0x17F), (0x300, 0x36F), (0x391, 0x3C9), (0x410, 0x44F), (0x5D0, 0x5EA), (0x621, 0x64A),
    (0x905, 0x939), (0xE01, 0xE30), (0x1100, 0x1112), (0x2010, 0x2030), (0x2190, 0x21FF), (0x3041, 0x3096), (0x4E00, 0x4FFF), (0xAC00, 0xACFF), (0xFE00, 0xFE0F), (0xFF21, 0xFF5A), (0x1F300, 0x1F64F), (0x1F3FB, 0x1F3FF), (0x0, 0x1B),
]  # fmt: skip


def random_text(rng):
    """Up to 40 characters of up to three scripts, some of them in runs."""
    ranges = rng.sample(RANGES, 3)
    return ''.join(chr(rng.randint(*rng.choice(ranges))) * rng.choice([1, 1, 1, 1, 2]) for _ in range(rng.randint(1, 40)))


def references(merges):
    """Merges -> (Hugging Face's tokenizer, a function from text to the ids both references agree on, or None with the two)."""
    with tempfile.NamedTemporaryFile(suffix='.txt.gz') as f:
        f.write(gzip.compress('\n'.join(['"version"', *(' '.join(m) for m in merges)]).encode()))
        f.flush()
        paper = SimpleTokenizer(f.name)
    alphabet = list(bytes_to_unicode().values())
    vocab = [*alphabet, *(c + '</w>' for c in alphabet), *(''.join(m) for m in merges), START, END]
    theirs = CLIPTokenizer(vocab={piece: i for i, piece in enumerate(vocab)}, merges=[tuple(m) for m in merges])
    start, end = len(vocab) - 2, len(vocab) - 1

    def ids(text):
        # Text that spells a special token is text: both references are kept from reading it as one.
        ours = [start, *paper.encode(text)[: CONTEXT - 2], end]
        cleaned = html.unescape(html.unescape(text)).strip()
        pieces = theirs.backend_tokenizer.encode(cleaned, add_special_tokens=False).ids
        return ours, [start, *pieces[: CONTEXT - 2], end]

    return theirs, ids, start, end


def agreed(texts, ids, special):
    """-> [[text, ids]]. Where the references differ, a text written above follows the code of the paper, and a random one is left out."""
    rows = []
    for text in texts:
        paper, theirs = ids(text)
        spelled = any(s in theirs[1:-1] for s in special)
        if paper != theirs and not spelled:
            print(f'they differ: {text[:40]!r}')
        assert not any(s in paper[1:-1] for s in special), text
        if paper == theirs or text in WRITTEN:
            rows.append([text, paper])
    return rows


def write(folder, merges, texts, merges_as_text):
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer, ids, start, end = references(merges)
    tokenizer.backend_tokenizer.save(str(folder / 'tokenizer.json'), pretty=False)
    if merges_as_text:  # the older form of the file, which most published models have
        path = folder / 'tokenizer.json'
        file = json.loads(path.read_text())
        file['model']['merges'] = [' '.join(m) for m in merges]
        path.write_text(json.dumps(file, ensure_ascii=False, separators=(',', ':')))
    cases = agreed(texts, ids, (start, end))
    head = {'contextLength': CONTEXT, 'startToken': start, 'endToken': end}
    rows = ',\n'.join(json.dumps(case, separators=(',', ':')) for case in cases)
    (folder / 'expected.json').write_text(f'{json.dumps(head)[:-1]}, "cases": [\n{rows}\n]}}\n')
    print(f'{folder}: {len(cases)} texts')


def main():
    rng = random.Random(1)
    kept = FIXTURES / 'tokenizer.json'
    source = kept if kept.exists() else ROOT / 'models/assetlens-icons/tokenizer.json'
    merges = [m.split(' ') if isinstance(m, str) else m for m in json.loads(source.read_text())['model']['merges']][:1500]
    write(FIXTURES, merges, WRITTEN + [random_text(rng) for _ in range(60)], True)
    if len(sys.argv) > 1:
        lines = gzip.open(default_bpe()).read().decode().split('\n')[1 : 49152 - 256 - 2 + 1]
        write(Path(sys.argv[1]), [line.split() for line in lines], WRITTEN + [random_text(rng) for _ in range(6000)], False)


main()
