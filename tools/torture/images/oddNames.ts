import type { Random } from '../random.ts';

type Name = (random: Random) => string | Buffer;

/** Names of files without an extension: controls, directions of text, lengths, and names that other systems reserve. */
const names: readonly [Name, ...Name[]] = [
  () => 'line\nbreak\r\n',
  () => 'tab\tand\vmore\f\b\x07',
  () => '\x1b[2J\x1b[31mred\x1b]0;title\x07',
  () => '\u009b31m\u009d0;c1\u009c\x7f',
  () => '\u202egnp.\u202c\u2066x\u2069\u200f\u061c',
  () => '\u200b\u200d\ufeff\u00ad\u2028\u2029',
  (random) => 'n'.repeat(random.between(200, 240)),
  () => 'ä'.repeat(110),
  () => '日本語😀👨‍👩‍👧',
  () => Buffer.from([0x66, 0xff, 0xfe, 0x80]),
  () => Buffer.from('latin-\xe4\xf6\xfc', 'latin1'),
  () => Buffer.from([0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80]),
  () => Buffer.from([0xc0, 0xaf, 0xc0, 0xae]),
  (random) => random.pick(['CON', 'PRN', 'AUX', 'NUL', 'COM1', 'LPT9', 'con', 'CONIN$'] as const),
  () => 'trailing dots...',
  () => 'trailing blank ',
  () => ' leading blank',
  () => '-rf',
  () => '--index=x',
  () => '~',
  () => '$HOME`id`$(id)',
  () => '%2e%2e%2f',
  () => 'a"b\'c<d>e|f*g?h',
  () => 'back\\slash\\..\\',
  () => '[glob]*{a,b}(x|y)',
  () => '#fragment?query&x=1',
  () => '=cmd|calc',
  () => '.hidden',
  () => '...',
  () => 'e\u0301 and \u00e9',
  () => 'İıſK',
  () => '__proto__',
  () => 'constructor',
];

/** A file name that is valid on this system. */
export function oddName(extension: string, random: Random): Buffer {
  const name = random.pick(names)(random);
  return Buffer.concat([typeof name === 'string' ? Buffer.from(name) : name, Buffer.from(extension)]);
}
