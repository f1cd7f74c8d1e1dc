"""Words for photos: of each of ImageNet's 1,000 classes its name, and the more general words above it in WordNet."""

import glob
import os
from collections import defaultdict

import numpy as np

# WordNet offsets, in the order of the classifier's outputs
LIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'photo_classes.txt')
BROADEST = 400  # classes: a word above more than these says too little
# words that people look for photos with; the score is the mean average precision of these
COMMON = (
    'dog cat bird fish snake insect spider monkey horse bear fruit vegetable car truck boat ship aircraft train building house church bridge furniture chair clothing shoe hat bag '
    'guitar tool weapon computer telephone clock food drink plant flower mushroom mountain beach sea vehicle animal container bottle toy ball door fence turtle frog lizard butterfly '
    'beetle crab shark whale fox wolf rodent rabbit'
).split()

# What people call photos that the classifier has no class for, by what it sees in them. The names are the first words of classes.
MORE = {
    'person': (
        'suit, bow tie, windsor tie, bolo tie, groom, academic gown, lab coat, jersey, cardigan, sweatshirt, trench coat, fur coat, poncho, abaya, kimono, sarong, miniskirt, hoopskirt, '
        'overskirt, gown, jean, pajama, apron, military uniform, bulletproof vest, brassiere, bikini, maillot, swimming trunks, bathing cap, shower cap, wig, lipstick, hair spray, '
        'neck brace, sunglass, sunglasses, ski mask, oxygen mask, mortarboard, cowboy hat, sombrero, bonnet, stole, feather boa, diaper, bib, ballplayer, scuba diver, stethoscope, '
        'sunscreen, face powder, crutch, horizontal bar, parallel bars, balance beam, punching bag, barbell, dumbbell'
    ),
    'man': 'suit, bow tie, windsor tie, bolo tie, groom, military uniform, swimming trunks, ballplayer, bulletproof vest',
    'woman': 'lipstick, hair spray, wig, miniskirt, brassiere, bikini, maillot, gown, hoopskirt, overskirt, kimono, abaya, sarong, face powder, feather boa, stole',
    'portrait': 'suit, bow tie, windsor tie, wig, lipstick, hair spray, neck brace, sunglass, sunglasses, ski mask, bonnet, cardigan, sweatshirt, jersey',
    'face': 'wig, lipstick, hair spray, neck brace, sunglass, sunglasses, ski mask, face powder, bathing cap, shower cap',
    'baby': 'diaper, bib, crib, bassinet, cradle',
    'child': 'diaper, bib, swing, crib',
    'doctor': 'lab coat, stethoscope, syringe',
    'hospital': 'stretcher, lab coat, stethoscope, oxygen mask, crutch',
    'wedding': 'groom, gown',
    'business': 'suit, windsor tie, bow tie',
    'city': 'streetcar, cab, trolleybus, police van, minibus, traffic light, parking meter, street sign, palace, obelisk, triumphal arch, fountain, viaduct',
    'street': 'streetcar, cab, trolleybus, police van, minibus, traffic light, parking meter, street sign',
    'architecture': 'palace, church, mosque, monastery, castle, dome, bell cote, triumphal arch, obelisk, stupa, vault, library, greenhouse',
    'shop': 'bookshop, tobacco shop, barbershop, toyshop, confectionery, shoe shop, butcher shop, bakery, grocery store',
    'office': 'desk, desktop computer, laptop, notebook, monitor, computer keyboard, printer, photocopier, file, library, bookcase',
    'technology': 'desktop computer, laptop, notebook, monitor, screen, hard disc, cellular telephone, hand-held computer, computer keyboard, modem',
    'kitchen': (
        'microwave, stove, refrigerator, dishwasher, toaster, espresso maker, coffeepot, frying pan, wok, dutch oven, caldron, waffle iron, spatula, ladle, plate rack, mixing bowl, '
        'crock pot, strainer, teapot'
    ),
    'living room': 'studio couch, entertainment center, home theater, television, bookcase, window shade, table lamp, fire screen, rocking chair',
    'room': 'studio couch, entertainment center, home theater, bookcase, window shade, table lamp, four-poster, quilt, wardrobe, dining table',
    'bedroom': 'four-poster, quilt, pillow, wardrobe',
    'bathroom': 'bathtub, tub, shower curtain, toilet seat, washbasin, medicine chest, soap dispenser',
    'meal': 'plate, consomme, hot pot, pizza, cheeseburger, hotdog, burrito, carbonara, meat loaf, mashed potato, potpie',
    'dessert': 'trifle, ice cream, ice lolly, chocolate sauce',
    'sea': 'seashore, sandbar, breakwater, promontory, coral reef',
    'beach': 'seashore, sandbar',
    'water': 'seashore, lakeside, sandbar, dam, fountain, breakwater',
    'landscape': 'alp, volcano, cliff, valley, promontory, lakeside, seashore, geyser, sandbar',
    'nature': 'alp, volcano, cliff, valley, promontory, lakeside, seashore, geyser',
    'sky': 'alp, seashore, promontory, valley, parachute, airliner, balloon',
    'snow': 'alp, snowplow, snowmobile, ski, dogsled, bobsled',
    'sport': (
        'basketball, soccer ball, tennis ball, golf ball, rugby ball, volleyball, baseball, ping-pong ball, scoreboard, racket, ski, bobsled, punching bag, dumbbell, barbell, '
        'horizontal bar, parallel bars, balance beam, ballplayer'
    ),
    'fitness': 'dumbbell, barbell, punching bag, horizontal bar, parallel bars, balance beam',
    'concert': 'stage, electric guitar, acoustic guitar, drum, microphone',
    'music': 'stage, electric guitar, acoustic guitar, drum, microphone, violin, cello, sax, trombone, grand piano, accordion',
    'website': 'web site',
    'screenshot': 'web site, screen',
    'text': 'menu, book jacket, comic book, crossword puzzle, web site',
}  # fmt: skip


def nouns(wordnet):
    """{offset: (its words, offsets right above it)} of WordNet's nouns; wordnet: a folder with data.noun somewhere
    below."""
    found = {}
    for path in glob.glob(f'{wordnet}/**/data.noun', recursive=True):
        with open(path, errors='ignore') as f:
            for line in f:
                if line.startswith('  '):  # the licence
                    continue
                fields = line.split(' | ')[0].split()
                count, start = int(fields[3], 16), 4 + 2 * int(fields[3], 16)
                pointers = [fields[start + 1 + 4 * j : start + 5 + 4 * j] for j in range(int(fields[start]))]
                words = [fields[4 + 2 * i].replace('_', ' ').lower() for i in range(count)]
                found[fields[0]] = words, [p[1] for p in pointers if p[0] in ('@', '@i') and p[2] == 'n']
    return found


def above(offset, synsets):
    """Offsets of everything above this one."""
    seen, todo = set(), list(synsets[offset][1])
    while todo:
        o = todo.pop()
        if o not in seen:
            seen.add(o)
            todo += synsets[o][1]
    return seen


class PhotoWords:
    """names [1000]: the first word of each class. general: further words; holds [1000, general]: which of them hold
    for which class.
    common: {word: numbers of its classes}, of COMMON. more [1000, general]: shares of the words of MORE, 0 where a class has none."""

    def __init__(self, wordnet):
        synsets = nouns(wordnet)
        with open(LIST) as f:
            self.classes = f.read().split()
        self.names = [synsets[o][0][0] for o in self.classes]
        below = defaultdict(list)
        for i, o in enumerate(self.classes):
            for a in above(o, synsets):
                below[a].append(i)
        of_word, taken = defaultdict(set), set(self.names)
        for i, o in enumerate(self.classes):
            for word in synsets[o][0][1:]:
                of_word[word].add(i)
        for a, classes in below.items():
            if len(classes) <= BROADEST:
                for word in synsets[a][0]:
                    of_word[word].update(classes)
        numbers = defaultdict(list)
        for i, name in enumerate(self.names):
            numbers[name].append(i)
        unknown = {name for names in MORE.values() for name in names.split(', ')} - set(self.names)
        if unknown:
            raise ValueError(f'no class is called {", ".join(sorted(unknown))}')
        more = {word: [i for name in names.split(', ') for i in numbers[name]] for word, names in MORE.items()}
        for word, classes in more.items():
            of_word[word].update(classes)
        self.general = sorted(w for w in of_word if w not in taken)
        self.holds = np.zeros((len(self.classes), len(self.general)), bool)
        for k, word in enumerate(self.general):
            self.holds[sorted(of_word[word]), k] = True
        self.more = np.zeros(self.holds.shape)
        for word, classes in more.items():
            if word not in taken:
                self.more[classes, self.general.index(word)] = 1
        self.more /= np.maximum(self.more.sum(1, keepdims=True), 1)
        self.common = {}
        for a, classes in below.items():
            for word in synsets[a][0]:
                if word in COMMON and 3 <= len(classes) <= 420 and len(self.common.get(word, ())) < len(classes):
                    self.common[word] = classes
