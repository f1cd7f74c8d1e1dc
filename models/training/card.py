"""Prints the tables of the model card: scores beside chance and beside an earlier model's, kinds, coarse labels.

  python3 card.py build/scores.json build/earlier.json build/labels.json      the first two from evaluate.py, the last from calibrate.py
"""

import json
import sys

import numpy as np


def load(path):
    with open(path) as f:
        return json.load(f)


def zero_shot_table(new, old):
    """Markdown lines: a row a style, then the means."""
    lines = ['| style (pictures, names) | chance | first-clip | this model | with templates |', '|---|---|---|---|---|']
    columns = [old['bare names'], new['bare names'], new['ensemble']]
    for o, n, e in sorted(zip(*columns), key=lambda r: -r[1][4]):
        style, pictures, ways, *_ = n
        cells = [f'{100 / ways:.2f} / {500 / ways:.2f}', *(f'{x[3]:.1f} / {x[4]:.1f}' for x in (o, n, e))]
        lines.append(f'| {style} ({pictures}, {ways}) | ' + ' | '.join(cells) + ' |')
    chance = np.mean([100 / r[2] for r in columns[1]])
    means = [np.mean([r[3:5] for r in c], 0) for c in columns]
    return lines + [f'| **mean of the styles** | {chance:.2f} / {5 * chance:.2f} | ' + ' | '.join(f'**{m[0]:.1f} / {m[1]:.1f}**' for m in means) + ' |']


def kinds_table(new, old):
    lines = ['| kind | pictures | first-clip | this model | this model, centred |', '|---|---|---|---|---|']
    for kind, value in new['kinds']['bare'].items():
        if isinstance(value, list):
            lines.append(f"| {kind} | {value[0]} | {old['kinds']['bare'][kind][1]:.0f} | {value[1]:.0f} | {new['kinds']['centred'][kind][1]:.0f} |")
    of = [old['kinds']['bare'], new['kinds']['bare'], new['kinds']['centred']]
    return lines + [f"| **mean** (chance {of[1]['chance']:.0f}) | | " + ' | '.join(f"{x['balanced']:.0f}" for x in of) + ' |']


def labels_table(labels):
    lines = ['| label | pictures | chance | first 20 right | average precision | precision / recall at its best confidence | precision / recall at 0.5 |', '|---|---|---|---|---|---|---|']
    for label, t in sorted(labels.items(), key=lambda x: -x[1]['average precision']):
        half = '–' if t['precision at 0.5'] is None else f"{t['precision at 0.5']:.0f} / {t['recall at 0.5']:.0f}"
        best = f"{t['precision at best']:.0f} / {t['recall at best']:.0f} ({t['best confidence']:.2f})"
        lines.append(f"| {label} | {t['pictures']} | {t['chance']:.1f} | {t['right of the first 20']:.0f} | {t['average precision']:.0f} | {best} | {half} |")
    return lines


def main():
    new, old, labels = (load(p) for p in sys.argv[1:4])
    for lines in (zero_shot_table(new, old), kinds_table(new, old), labels_table(labels)):
        print('\n'.join(lines) + '\n')


if __name__ == '__main__':
    main()
