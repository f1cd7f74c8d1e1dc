import fc from 'fast-check';

/** Any text: letters, all of Unicode, lone surrogates, and control characters. */
export const anyText = (maxLength = 60): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ maxLength }),
    fc.string({ unit: 'binary', maxLength }),
    fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength }).map((units) => String.fromCharCode(...units)),
  );

/** Texts that consist of the tokens of a language, with other text between them. */
export function textOfTokens(tokens: readonly string[], maxLength = 12): fc.Arbitrary<string> {
  const token = fc.constantFrom(...tokens);
  const repeated = fc.tuple(token, fc.integer({ min: 1, max: 40 })).map(([part, times]) => part.repeat(times));
  const part = fc.oneof(
    { weight: 10, arbitrary: token },
    { weight: 2, arbitrary: fc.string({ maxLength: 6 }) },
    { weight: 1, arbitrary: anyText(6) },
    { weight: 1, arbitrary: repeated },
  );
  return fc.array(part, { maxLength }).map((parts) => parts.join(''));
}

/** Documents in which some ranges are removed, repeated or replaced. */
export function damaged(documents: readonly string[], tokens: readonly string[]): fc.Arbitrary<string> {
  const at = fc.integer({ min: 0, max: 2 ** 20 });
  const change = fc.record({
    at,
    length: fc.integer({ min: 0, max: 40 }),
    text: textOfTokens(tokens, 4),
    copies: fc.boolean(),
  });
  return fc
    .tuple(fc.constantFrom(...documents), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([document, changes]) =>
      changes.reduce((text, { at: place, length, text: inserted, copies }) => {
        const start = place % (text.length + 1);
        const rest = text.slice(copies ? start : start + length);
        return text.slice(0, start) + inserted + text.slice(start, start + (copies ? length : 0)) + rest;
      }, document),
    );
}
