import type { CharacterSet, Pattern } from './pattern.ts';

/** A step of the nondeterministic automaton. */
type Step =
  | { readonly kind: 'set'; readonly set: CharacterSet; readonly next: number }
  | { readonly kind: 'split'; readonly next: readonly number[] }
  /** The pattern with this index matches. */
  | { readonly kind: 'accept'; readonly index: number };

/** A state of the deterministic automaton: the steps that wait for the next character. */
interface State {
  readonly waiting: readonly number[];
  /** The last pattern that matches if the text ends here; -1 for none. */
  readonly accepted: number;
  /** [code point] The state after a character of ASCII, which paths mostly consist of. */
  readonly ascii: (State | undefined)[];
  /** The states after other characters. */
  readonly others: Map<number, State>;
}

const ASCII = 128;

/** Total size of the states that are kept. Beyond it, the automaton forgets them and continues. */
const MOST_KEPT = 1_000_000;

/**
 * Matches a text with a list of patterns at once, in one pass over the text. The patterns are compiled to Thompson's
 * automaton, whose set of states is followed in parallel, so nothing is tried twice: a character takes at most as many
 * steps as the patterns are long. The sets are kept as states of a deterministic automaton, so that usual patterns need
 * one look-up a character ("Regular Expression Matching Can Be Simple And Fast", Cox 2007).
 */
export class Automaton {
  readonly #steps: Step[] = [];
  readonly #ignoreCase: boolean;
  readonly #start: State;
  readonly #states = new Map<string, State>();
  #kept = 0;
  /** [step] The round in which a step was last reached. */
  readonly #reached: Uint32Array;
  #round = 0;
  /** Number of steps that all matches so far took, for tests. */
  steps = 0;

  constructor(patterns: readonly Pattern[], { ignoreCase }: { readonly ignoreCase: boolean }) {
    this.#ignoreCase = ignoreCase;
    const starts = patterns.map((pattern, index) => this.#compile(pattern, this.#add({ kind: 'accept', index })));
    this.#reached = new Uint32Array(this.#steps.length);
    this.#start = this.#stateOf(starts);
  }

  /** Number of steps that a character of a text takes at most. */
  get size(): number {
    return this.#steps.length;
  }

  /** Returns the index of the last pattern that matches the whole text; -1 if none does. */
  lastMatch(text: string): number {
    let state = this.#start;
    let at = 0;
    while (at < text.length && !isDead(state)) {
      const code = text.codePointAt(at) ?? 0;
      state = (code < ASCII ? state.ascii[code] : state.others.get(code)) ?? this.#follow(state, code);
      at += code > 0xffff ? 2 : 1;
    }
    this.steps += at;
    return isDead(state) ? -1 : state.accepted;
  }

  /** Adds the steps of a pattern, which continue with the step `next`. Returns the first of them. */
  #compile(pattern: Pattern, next: number): number {
    switch (pattern.kind) {
      case 'set':
        return this.#add({ kind: 'set', set: pattern, next });
      case 'sequence':
        return pattern.parts.reduceRight((after, part) => this.#compile(part, after), next);
      case 'choice':
        return this.#add({ kind: 'split', next: pattern.options.map((option) => this.#compile(option, next)) });
      case 'repeat': {
        const branches = [next];
        const split = this.#add({ kind: 'split', next: branches });
        const first = this.#compile(pattern.part, split);
        branches.push(first);
        return pattern.atLeast === 0 ? split : first;
      }
    }
  }

  #add(step: Step): number {
    return this.#steps.push(step) - 1;
  }

  #follow(state: State, code: number): State {
    const variants = this.#ignoreCase ? caseVariants(code) : [code];
    const targets: number[] = [];
    for (const index of state.waiting) {
      this.steps++;
      const step = this.#steps[index];
      if (step?.kind === 'set' && contains(step.set, variants)) targets.push(step.next);
    }
    const next = this.#stateOf(targets);
    if (code < ASCII) state.ascii[code] = next;
    else state.others.set(code, next);
    this.#kept++;
    return next;
  }

  /** Returns the state of all steps that are reached from some steps without a character. */
  #stateOf(from: readonly number[]): State {
    const round = this.#nextRound();
    const waiting: number[] = [];
    let accepted = -1;
    const open = [...from];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (this.#reached[index] === round) continue;
      this.#reached[index] = round;
      this.steps++;
      const step = this.#steps[index];
      if (step?.kind === 'set') waiting.push(index);
      else if (step?.kind === 'accept') accepted = Math.max(accepted, step.index);
      else for (const next of step?.next ?? []) open.push(next);
    }
    waiting.sort((a, b) => a - b);
    return this.#keep(waiting, accepted);
  }

  #keep(waiting: readonly number[], accepted: number): State {
    const key = `${accepted} ${waiting.join(' ')}`;
    const known = this.#states.get(key);
    if (known) return known;
    if (this.#kept > MOST_KEPT) {
      for (const state of this.#states.values()) {
        state.ascii.fill(undefined);
        state.others.clear();
      }
      this.#states.clear();
      this.#kept = 0;
    }
    const ascii = new Array<State | undefined>(ASCII).fill(undefined);
    const state: State = { waiting, accepted, ascii, others: new Map() };
    this.#states.set(key, state);
    this.#kept += waiting.length + ASCII;
    return state;
  }

  #nextRound(): number {
    if (this.#round === 0xffff_ffff) {
      this.#reached.fill(0);
      this.#round = 0;
    }
    return ++this.#round;
  }
}

/** Tells whether no text that begins in this way matches. */
function isDead({ waiting, accepted }: State): boolean {
  return waiting.length === 0 && accepted < 0;
}

function contains({ ranges, negated }: CharacterSet, variants: readonly number[]): boolean {
  const isInside = ranges.some(([first, last]) => variants.some((code) => code >= first && code <= last));
  return isInside !== negated;
}

/** The character in lower case and in upper case, where these are single characters. */
function caseVariants(code: number): number[] {
  const text = String.fromCodePoint(code);
  const variants = [text, text.toLowerCase(), text.toUpperCase()].filter((variant) => Array.from(variant).length === 1);
  return variants.map((variant) => variant.codePointAt(0) ?? code);
}
