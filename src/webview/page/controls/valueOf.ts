/** The value of the control that fired an event: an <input>, a text field or a select. */
export function valueOf(event: Event): string {
  return (event.target as HTMLElement & { value: string }).value;
}
