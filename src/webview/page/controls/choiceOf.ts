/** The value of a control as one of its choices; the first choice if it is none of them. */
export function choiceOf<const Choices extends readonly [string, ...string[]]>(
  choices: Choices,
  value: string,
): Choices[number] {
  return choices.find((choice) => choice === value) ?? choices[0];
}
