/**
 * Words for members of the things that the default labels and the presets name, in lower case and in the singular. A
 * picture whose name has one of these words shows the thing. A longer entry counts before a shorter one: a hot dog is
 * food, and no animal.
 */
export const MEMBERS: Readonly<Record<string, string>> = {
  animal:
    'animal, cat, dog, puppy, kitten, horse, cow, ox, bull, pig, boar, sheep, ram, goat, rabbit, hare, bear, panda, koala, ' +
    'lion, tiger, leopard, cheetah, jaguar, lynx, cougar, wolf, fox, coyote, hyena, monkey, ape, gorilla, orangutan, ' +
    'chimpanzee, baboon, lemur, elephant, rhinoceros, hippopotamus, giraffe, zebra, camel, llama, deer, moose, antelope, ' +
    'gazelle, bison, buffalo, kangaroo, wallaby, rat, hamster, squirrel, beaver, otter, badger, skunk, weasel, ' +
    'hedgehog, bat, sloth, seal, sea lion, whale, dolphin, fish, shark, ray, bird, eagle, owl, hawk, duck, goose, swan, ' +
    'chicken, hen, rooster, penguin, parrot, peacock, flamingo, turkey, crow, pigeon, frog, toad, newt, salamander, turtle, ' +
    'tortoise, terrapin, lizard, gecko, chameleon, crocodile, alligator, snake, viper, python, cobra, terrier, spaniel, ' +
    'retriever, hound, poodle, collie, shepherd, bulldog, husky, setter, pinscher, chihuahua, insect, ant, bee, wasp, ' +
    'butterfly, moth, beetle, spider, scorpion, crab, lobster, snail, octopus, squid, jellyfish, paw',
  bird: 'bird, eagle, owl, hawk, duck, goose, swan, chicken, hen, rooster, penguin, parrot, peacock, flamingo, turkey, crow, pigeon, macaw, hummingbird, toucan, finch, magpie, vulture, ostrich, pelican, stork, heron',
  fish: 'fish, shark, ray, salmon, tuna, trout, goldfish, eel, sturgeon, whale, dolphin',
  insect:
    'insect, bug, ant, bee, wasp, butterfly, moth, beetle, spider, scorpion, mosquito, cricket, grasshopper, fly, mantis',
  person:
    'person, people, man, woman, boy, girl, child, baby, user, worker, farmer, doctor, teacher, student, pilot, astronaut, ' +
    'prince, princess, king, queen, knight, soldier, wizard, mage, elf, guard, bride, groom, diver, player, detective',
  character:
    'character, hero, knight, soldier, wizard, mage, elf, archer, warrior, guard, king, queen, prince, princess, npc, man, woman, survivor, fighter, thief, priest, dwarf',
  monster:
    'monster, enemy, demon, devil, ghost, zombie, skeleton, ogre, orc, goblin, troll, vampire, werewolf, golem, slime, mutant, alien',
  plant:
    'plant, tree, leaf, flower, rose, tulip, sunflower, cactus, palm, seedling, herb, bush, grass, fern, moss, mushroom, clover, daisy, blossom, bouquet',
  tree: 'tree, bush, forest, palm, pine, oak, willow',
  food:
    'food, apple, banana, lemon, grape, cherry, strawberry, pear, peach, melon, watermelon, pineapple, mango, ' +
    'fruit, vegetable, carrot, potato, tomato, onion, corn, broccoli, mushroom, bread, cake, cookie, pie, pizza, burger, ' +
    'hamburger, hot dog, sandwich, taco, cheese, egg, meat, bacon, steak, rice, noodle, soup, salad, candy, chocolate, ' +
    'doughnut, ice cream, pretzel, croissant, honey, jam, bagel, burrito, guacamole, lasagna',
  drink:
    'drink, beverage, coffee, tea, beer, wine, milk, juice, water bottle, cocktail, soda, cola, whiskey, vodka, espresso, cup',
  vehicle:
    'vehicle, car, truck, bus, train, tram, bicycle, bike, motorcycle, scooter, taxi, van, ambulance, tractor, jeep, limousine, minivan, trolleybus, fire engine, lorry, automobile, cab, wagon, locomotive, tank',
  car: 'car, truck, tank, automobile, taxi, van, jeep, limousine, bus, ambulance',
  aircraft: 'aircraft, airplane, plane, helicopter, airliner, warplane, jet, glider',
  boat: 'boat, ship, sailboat, canoe, ferry, yacht, submarine, gondola, kayak, raft, speedboat, catamaran',
  spaceship: 'spaceship, spacecraft, rocket, ufo, starship, space shuttle',
  train: 'train, locomotive, tram, metro, railway',
  building:
    'building, house, home, church, castle, tower, hospital, school, hotel, bank, factory, palace, mosque, temple, monastery, barn, office building, skyscraper, stadium, lighthouse, library, shop, store',
  house: 'house, home, cottage, hut',
  weather:
    'weather, cloud, rain, snow, sun, storm, lightning, rainbow, wind, fog, tornado, hail, thunder, thermometer, umbrella',
  sport:
    'sport, ball, football, basketball, tennis, medal, baseball, golf, soccer, hockey, rugby, volleyball, ski, skateboard, surfer, swim, bowling, boxing, dumbbell, trophy',
  music:
    'music, note, guitar, headphone, piano, violin, drum, trumpet, saxophone, microphone, accordion, flute, banjo, harp, cello',
  weapon:
    'weapon, sword, gun, axe, bow, rifle, pistol, shotgun, revolver, knife, dagger, spear, mace, halberd, crossbow, cannon, machete, club, katana, blade, launcher',
  bomb: 'bomb, grenade, missile, dynamite, mine, torpedo',
  tool: 'tool, hammer, pickaxe, wrench, screwdriver, saw, shovel, drill, chisel, plier, hatchet, toolbox',
  clothing:
    'clothing, shirt, shoe, dress, coat, hat, glove, sock, trousers, pants, jacket, boot, scarf, jean, kimono, sandal, sweatshirt, suit, cardigan, skirt',
  furniture:
    'furniture, chair, table, bed, sofa, couch, desk, bookcase, wardrobe, bench, stool, cabinet, shelf, dresser',
  'musical instrument':
    'guitar, piano, violin, drum, trumpet, saxophone, accordion, flute, banjo, harp, cello, oboe, organ, harmonica',
  potion: 'potion, bottle, flask, vial',
  computer: 'computer, laptop, desktop, smartphone, notebook, keyboard, monitor',
  phone: 'phone, telephone, smartphone, mobile',
  money: 'money, coin, dollar, euro, cash, currency, banknote, bank, wallet, credit card',
  coin: 'coin, money, gold, dollar, euro',
  clock: 'clock, watch, alarm, timer, stopwatch, hourglass',
  face: 'face, smile, emoji, portrait, grin, mask',
  hand: 'hand, gesture, finger, thumb, fist',
  arrow: 'arrow, direction, chevron, caret',
  document: 'document, file, page, paper, clipboard, receipt',
  mail: 'mail, envelope, inbox, letter, postbox',
  chat: 'chat, message, comment, speech bubble, speech balloon',
  shopping: 'shopping, cart, basket, bag, shop',
  video: 'video, film, movie, clapper board',
  settings: 'setting, gear, cog, slider',
  warning: 'warning, alert, exclamation',
  trash: 'trash, delete, bin, garbage, wastebasket',
  gem: 'gem, jewel, crystal, diamond, ruby, emerald, sapphire',
  flag: 'flag, banner, pennant',
  landscape: 'landscape, field, meadow, valley, cliff, alp, volcano, desert',
  mountain: 'mountain, alp, volcano, peak',
  beach: 'beach, sea, coast, seashore, sandbar, lakeside',
};
