"""Coarse labels ("animal", "food", "arrow") of a picture, told from its name: by WordNet's hypernyms and by words.

They serve twice: as captions in training, so that the general words mean something too, and to score the model on them.
WordNet (Miller 1995) is read from the unpacked Debian package wordnet-base; without it only the words tell.
"""

import glob
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Label:
    """texts: what it may be called. senses: (lemma, which sense) above it in WordNet. words: any of them in the name tells."""

    texts: tuple
    senses: tuple = ()
    words: str = ''


LABELS = {
    'animal': Label(('animal', 'creature'), (('animal', 1),), 'animal|paw|pet'),
    'bird': Label(('bird',), (('bird', 1),)),
    'fish': Label(('fish', 'sea animal'), (('fish', 1), ('cetacean', 1))),
    'insect': Label(('insect', 'bug'), (('insect', 1), ('arachnid', 1)), 'bug'),
    'person': Label(('person', 'people', 'user'), (('person', 1),), 'person|people|user|users|man|woman|men|women|boy|girl|family|baby|account'),
    'face': Label(('face', 'smiley'), (), 'face|smile|smiley|smiling|grin|grinning|sad|laugh|mood|emoticon|wink|crying'),
    'hand': Label(('hand', 'gesture'), (), 'hand|hands|finger|thumb|thumbs|fist|gesture|palm|palms'),
    'body part': Label(('body part', 'anatomy'), (('body part', 1),)),
    'heart': Label(('heart', 'love'), (), 'heart|hearts|love'),
    'food': Label(('food', 'meal'), (('food', 2), ('food', 1), ('edible fruit', 1), ('vegetable', 1)), 'food|meal|restaurant|cake|pizza|burger|bread|cookie|sandwich|lunch|dinner'),
    'fruit': Label(('fruit',), (('edible fruit', 1),), 'fruit'),
    'drink': Label(('drink', 'beverage'), (('beverage', 1),), 'drink|beer|wine|coffee|tea|cocktail|juice|glass of|mug|cup'),
    'plant': Label(('plant', 'nature'), (('plant', 2), ('flower', 2)), 'plant|tree|leaf|flower|leaves|forest'),
    'flower': Label(('flower', 'blossom'), (('flower', 1), ('flower', 2)), 'flower|flowers'),
    'tree': Label(('tree',), (('tree', 1),), 'tree|trees'),
    'vehicle': Label(('vehicle', 'transport'), (('vehicle', 1),), 'car|truck|bus|train|vehicle|taxi'),
    'car': Label(('car', 'automobile'), (('car', 1),), 'car|taxi'),
    'aircraft': Label(('aircraft', 'airplane'), (('aircraft', 1),), 'airplane|plane|flight|helicopter'),
    'ship': Label(('ship', 'boat'), (('vessel', 2),), 'ship|boat'),
    'building': Label(('building', 'architecture'), (('building', 1), ('tower', 1), ('bridge', 1)), 'building|buildings|house|home|hospital|school|castle'),
    'house': Label(('house', 'home'), (('house', 1),), 'house|home'),
    'furniture': Label(('furniture',), (('furniture', 1),), 'chair|sofa|couch|bed|desk'),
    'clothing': Label(('clothing', 'clothes'), (('clothing', 1), ('footwear', 1), ('footwear', 2), ('headdress', 1)), 'shirt|shoe|hat|dress|pants|jacket'),
    'tool': Label(('tool', 'hand tool'), (('tool', 1),), 'tool|tools|hammer|wrench|screwdriver'),
    'weapon': Label(('weapon', 'arms'), (('weapon', 1),), 'sword|gun|weapon|axe'),
    'musical instrument': Label(('musical instrument', 'instrument'), (('musical instrument', 1),)),
    'music': Label(('music', 'sound'), (('musical instrument', 1),), 'music|musical|song|playlist|headphones|headphone|melody'),
    'sport': Label(('sport', 'sports'), (('sport', 1), ('sports equipment', 1)), 'sport|sports|football|basketball|tennis|soccer|baseball|golf|volleyball'),
    'game': Label(('game', 'toy'), (('plaything', 1),), 'game|games|gamepad|dice|chess|puzzle|joystick|toy|controller'),
    'weather': Label(('weather', 'forecast'), (('atmospheric phenomenon', 1),), 'weather|cloud|cloudy|clouds|rain|rainy|snow|snowy|sun|sunny|storm|thunderstorm|wind|fog|hail|umbrella'),
    'sun': Label(('sun', 'sunny'), (), 'sun|sunny|sunrise|sunset'),
    'moon': Label(('moon', 'night'), (), 'moon|night'),
    'cloud': Label(('cloud',), (), 'cloud|clouds|cloudy'),
    'water': Label(('water', 'liquid'), (), 'water|wave|waves|drop|droplet|rain'),
    'fire': Label(('fire', 'flame'), (), 'fire|flame|flames|campfire'),
    'computer': Label(('computer', 'electronics'), (('computer', 1),), 'computer|laptop|desktop|monitor|keyboard|server|pc'),
    'phone': Label(('phone', 'smartphone'), (), 'phone|smartphone|telephone|mobile|iphone|cellphone'),
    'camera': Label(('camera', 'photography'), (), 'camera|photo camera|webcam'),
    'document': Label(('document', 'file'), (), 'document|file|files|page|paper|documents|note|notes|clipboard|pdf'),
    'folder': Label(('folder', 'directory'), (), 'folder|folders|directory'),
    'book': Label(('book', 'reading'), (('book', 1), ('book', 2)), 'book|books|notebook'),
    'arrow': Label(('arrow', 'direction'), (), 'arrow|arrows|chevron|caret'),
    'chart': Label(('chart', 'graph'), (), 'chart|graph|charts|diagram|analytics'),
    'clock': Label(('clock', 'time'), (('timepiece', 1),), 'clock|time|timer|stopwatch|alarm|hourglass|watch'),
    'calendar': Label(('calendar', 'date'), (), 'calendar|date'),
    'lock': Label(('lock', 'security'), (), 'lock|locked|unlock|unlocked|padlock|security|secure'),
    'key': Label(('key', 'password'), (), 'key|keys|password'),
    'shield': Label(('shield', 'protection'), (), 'shield|protection'),
    'mail': Label(('mail', 'envelope'), (), 'mail|email|envelope|inbox|mailbox'),
    'message': Label(('message', 'chat'), (), 'message|chat|comment|comments|messages|speech|conversation'),
    'map': Label(('map', 'location'), (), 'map|location|pin|marker|compass|gps|navigation'),
    'globe': Label(('globe', 'world'), (), 'globe|world|earth|planet'),
    'money': Label(('money', 'finance'), (('money', 1), ('coin', 1)), 'money|dollar|euro|coin|coins|cash|wallet|bank|currency|payment|bitcoin'),
    'shopping': Label(('shopping', 'shop'), (), 'shopping|cart|shop|store|basket'),
    'medical': Label(('medical', 'health'), (('medicine', 2),), 'medical|hospital|pill|pills|syringe|doctor|ambulance|stethoscope|health|medicine|vaccine'),
    'star': Label(('star',), (), 'star|stars'),
    'flag': Label(('flag',), (), 'flag|flags'),
    'bell': Label(('bell', 'notification'), (), 'bell|notification|notifications'),
    'light': Label(('lamp', 'light bulb'), (('lamp', 1),), 'lamp|bulb|lightbulb|lantern'),
    'settings': Label(('settings', 'gear'), (), 'settings|gear|gears|cog|setting'),
    'search': Label(('search', 'magnifying glass'), (), 'search|magnifying|magnifier|zoom'),
    'trash': Label(('trash', 'delete'), (), 'trash|delete|bin|garbage'),
    'warning': Label(('warning', 'alert'), (), 'warning|alert|danger|caution|exclamation'),
    'number': Label(('number', 'digit'), (), 'number|one|two|three|four|five|six|seven|eight|nine|zero|[0-9]'),
    'video': Label(('video', 'film'), (), 'video|movie|film|cinema|videocam|tv|television'),
    'image': Label(('image', 'picture'), (), 'image|images|picture|photo|gallery'),
    'text': Label(('text', 'typography'), (), 'text|font|paragraph|bold|italic|align|underline|typography'),
    'edit': Label(('edit', 'pencil'), (('pencil', 1), ('pen', 1)), 'edit|pencil|pen|write'),
    'paint': Label(('paint', 'brush'), (), 'paint|brush|palette|paintbrush'),
    'battery': Label(('battery', 'power'), (), 'battery|power|charging|plug'),
    'network': Label(('network', 'wireless'), (), 'wifi|network|wireless|signal|antenna|router|bluetooth'),
    'gift': Label(('gift', 'present'), (), 'gift|present|gifts'),
    'crown': Label(('crown', 'royal'), (), 'crown|king|queen'),
    'skull': Label(('skull', 'death'), (), 'skull|death|skeleton'),
    'gem': Label(('gem', 'jewel'), (('jewelry', 1), ('gem', 2)), 'gem|diamond|jewel|ring|crystal'),
}
# names whose commonest sense in WordNet is not what pictures of that name show
OTHER_SENSE = set(
    'mouse bat crane seal table jack wheel drill club diamond spade spring nail mint date bar bolt cookie fork pet stock kid turkey plane mole ray bug cardinal swift python box cursor pointer '
    'user agent worm cat eye bishop knight rook pawn queen king java perl ruby crystal panda spider fox firefox snake salt stick slider rust android camel beetle bass '
    'head hand face heart palm nose ear foot back chest iris pupil temple tool bank watch cup glass can jar set host guest server client master driver player monitor reader folder '
    'star number model target computer calculator printer scanner counter router character hero anchor tower case train '
    'equal invalid doc thruster gemini thumbnail sticker orb drone fly mix feed bars peacock balloon signal figurehead copy double single right left link second minute square quarter '
    'contact lead member sign sharp broken favourite favorite express mark match minor native primary relative separate variable vector intermediate'.split()
)


class WordNet:
    """The hypernyms of the nouns: {offset: offsets above} and {lemma: offsets, the commonest sense first}."""

    def __init__(self, folder):
        self.senses, self.above = {}, {}
        for path in glob.glob(f'{folder}/**/index.noun', recursive=True):
            with open(path, errors='ignore') as f:
                for line in f:
                    if not line.startswith(' '):
                        fields = line.split()
                        self.senses[fields[0].replace('_', ' ')] = fields[-int(fields[2]) :]
        for path in glob.glob(f'{folder}/**/data.noun', recursive=True):
            with open(path, errors='ignore') as f:
                for line in f:
                    if not line.startswith(' '):
                        fields = line.split(' | ')[0].split()
                        first = 4 + 2 * int(fields[3], 16)
                        pointers = fields[first + 1 : first + 1 + 4 * int(fields[first])]
                        self.above[fields[0]] = [pointers[k + 1] for k in range(0, len(pointers), 4) if pointers[k] in ('@', '@i')]

    def lineage(self, lemma):
        """Offsets of the first sense of this noun and of all above it."""
        return self.lineage_of(*self.senses.get(lemma, [])[:1])

    def lineage_of(self, *offsets):
        """These offsets and all above them."""
        found, stack = set(), list(offsets)
        while stack:
            offset = stack.pop()
            if offset not in found:
                found.add(offset)
                stack = stack + self.above.get(offset, [])
        return found


class Labeller:
    """name, kind -> its coarse labels."""

    def __init__(self, wordnet_folder):
        self.wordnet = WordNet(wordnet_folder)
        self.targets = {}
        for label, of in LABELS.items():
            at = [self.wordnet.senses.get(lemma, []) for lemma, _ in of.senses]
            self.targets[label] = {offsets[n - 1] for offsets, (_, n) in zip(at, of.senses) if len(offsets) >= n}
        self.patterns = {label: re.compile(rf'\b({of.words})\b') for label, of in LABELS.items() if of.words}
        self.known = {}

    def of(self, name, kind=None):
        """A logo is of no label: it is called after something that it seldom shows. A flag is called after a country."""
        if kind == 'logo':
            return []
        if kind == 'flag':
            return ['flag']
        if name not in self.known:
            found = {label for label, p in self.patterns.items() if p.search(name)}
            words = name.split()
            # the thing itself ("polar bear") or, in a longer name, its last word ("brown bear")
            for lemma in (name, words[-1] if words else '', words[-1][:-1] if words and words[-1].endswith('s') else ''):
                if len(lemma) > 2 and lemma not in OTHER_SENSE and lemma in self.wordnet.senses:
                    lineage = self.wordnet.lineage(lemma)
                    found |= {label for label, targets in self.targets.items() if targets & lineage}
                    break
            self.known[name] = sorted(found)
        return self.known[name]

    def of_sense(self, offset, name):
        """The coarse labels of a noun whose sense is known, such as a class of photos: (those that hold, those that may hold).

        By WordNet, and by the last word of the name: "coffee mug". Other words leave it open: "king crab", "traffic light".
        """
        lineage, words = self.wordnet.lineage_of(offset), name.split()
        holding = {label for label, targets in self.targets.items() if targets & lineage}
        holding |= {label for label, pattern in self.patterns.items() if pattern.search(words[-1])}
        open_ = {label for label, pattern in self.patterns.items() if pattern.search(name)} | {label for label in LABELS if set(label.split()) & set(words)}
        return sorted(holding), sorted(open_ - holding)
