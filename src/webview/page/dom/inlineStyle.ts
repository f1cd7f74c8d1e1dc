/**
 * A value for a binding to the property `.style`. The page's content security policy does not affect the CSSOM, but it
 * forbids the attribute `style`, which Lit's styleMap sets first.
 */
export function inlineStyle(styles: Readonly<Record<string, string>>): string {
  return Object.entries(styles)
    .map(([name, value]) => `${name}: ${value}`)
    .join('; ');
}
