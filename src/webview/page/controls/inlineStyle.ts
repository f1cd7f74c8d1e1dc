/**
 * Styles for a binding to the property `.style`: set through the CSSOM they concern no content security policy, whereas an
 * attribute, which Lit's own styleMap begins with, is refused by ours.
 */
export function inlineStyle(styles: Readonly<Record<string, string>>): string {
  return Object.entries(styles)
    .map(([name, value]) => `${name}: ${value}`)
    .join('; ');
}
