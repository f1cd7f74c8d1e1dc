"""Names that say nothing: those without an English word, and screenshots' names of what cannot be read at 64 px.

Only rows to train on are mended: the names of the held-out styles stay what they were, so that scores can be compared.
"""

import collections
import re

from PIL import Image

from names import SPLIT_WORDS, is_word, segment

IN_USE = 3  # sets that write a word make it one ("bluetooth", "css")
READABLE = 256  # pixels: of a longer screenshot only the layout is left at 64
# parts of words in names written together, which no dictionary has
PARTS = {
    'db': 'database', 'ctrl': 'control', 'doc': 'document', 'rec': 'record', 'prev': 'preview', 'prop': 'property', 'diag': 'diagonal', 'sel': 'selection',
    'bg': 'background', 'fg': 'foreground', 'btn': 'button', 'horiz': 'horizontal', 'vert': 'vertical', 'todo': 'to do', 'emoji': 'emoji', 'xml': 'xml', 'go': 'go to',
}  # fmt: skip
# what the layout of a screenshot tells: the last of these words in its name names it
LAYOUTS = {
    'dialog': 'dialog window', 'wizard': 'dialog window', 'assistant': 'dialog window', 'options': 'settings dialog', 'settings': 'settings dialog',
    'preferences': 'settings dialog', 'window': 'program window', 'interface': 'program window', 'menu': 'menu', 'submenu': 'menu', 'toolbar': 'toolbar',
    'toolbox': 'toolbar', 'tab': 'settings dialog', 'page': 'settings dialog', 'panel': 'panel', 'editor': 'editor window', 'list': 'list', 'table': 'table',
    'accounts': 'table', 'register': 'table', 'report': 'report', 'chart': 'chart', 'graph': 'chart', 'curve': 'chart', 'map': 'map', 'gradient': 'gradient',
    'gradients': 'gradient', 'pattern': 'pattern', 'calendar': 'calendar', 'terminal': 'terminal', 'browser': 'web browser',
}  # fmt: skip


# tags and categories that say where a picture was, not what is in it
NOT_NAMES = set('action actions device devices mime types mimetypes apps status places species unit sprites others connect idle jump walk gods exit tools stats symbol'.split())


def words_in_use(candidates, others=()):
    """Words that stand in names of IN_USE sets or more: of the candidates and of other rows with the keys set and name."""
    sets = collections.defaultdict(set)
    for row in (*candidates, *others):
        for word in row['name'].split():
            sets[word].add(row['set'])
    return {word for word, of in sets.items() if len(of) >= IN_USE}


def says_something(text, in_use):
    """Is there an English word in it, or one that several sets write?"""
    return any((is_word(w) and len(w) > 2) or w in in_use for w in text.split())


def apart(word):
    """A run of letters -> the words that it is made of, or itself: as names.segment(), and with PARTS before or behind."""
    if len(word) < 6:
        return [word]
    words = segment(word)
    if len(words) > 1 and sum(len(w) < 4 for w in words) <= len(words) / 2:  # not "roll and in"
        return words
    for part, meaning in PARTS.items():
        for rest, first in ((word.removeprefix(part), True), (word.removesuffix(part), False)):
            if rest == word or len(rest) < 3:
                continue
            words = [rest] if is_word(rest) or rest in SPLIT_WORDS else segment(rest)
            if len(words) > 1 or is_word(words[0]) or words[0] in SPLIT_WORDS:
                return [*meaning.split(), *words] if first else [*words, *meaning.split()]
    return [word]


def mended_name(row, in_use):
    """The name of a row, mended: words written together apart, else the first tag, else the category that says something. None: nothing does."""
    if row['kind'] in ('logo', 'flag') or says_something(row['name'], in_use):  # proper names
        return row['name']
    name = ' '.join(w for word in row['name'].split() for w in apart(word))
    others = [t for t in (*row['tags'], row['category'] or '') if not set(t.split()) <= NOT_NAMES]
    return next((text for text in (name, *others) if says_something(text, in_use)), None)


def layout(name):
    """What is left of a screenshot when its letters cannot be read."""
    found = [LAYOUTS[w] for w in re.findall('[a-z]+', name) if w in LAYOUTS]
    return found[-1] if found else 'program window'


def mend(rows, in_use, size=lambda path: Image.open(path).size):
    """[(candidate, picture)] -> the same with mended names, without the rows that nothing names; and how many were mended how."""
    kept, how = [], collections.Counter()
    for row, picture in rows:
        if row['split'] == 'train':
            name = mended_name(row, in_use)
            if name is None:
                how['dropped, nothing says what it is'] += 1
                continue
            what = 'named by tag or category' if name in (*row['tags'], row['category']) else 'words written together'
            if row['kind'] == 'screenshot' and max(size(row['path'])) > READABLE:
                name, what = layout(row['name']), 'screenshots named by their layout'
            if name != row['name']:
                how[what] += 1
                row = {**row, 'name': name, 'tags': [t for t in row['tags'] if t != name]}
        kept.append((row, picture))
    return kept, dict(how)
