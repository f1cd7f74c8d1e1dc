/** One of several words, as a control gives it; the first where it gives none of them. */
export function choiceOf<const Choices extends readonly [string, ...string[]]>(
  choices: Choices,
  value: string,
): Choices[number] {
  return choices.find((choice) => choice === value) ?? choices[0];
}
