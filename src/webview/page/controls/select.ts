import { html, nothing, type TemplateResult } from 'lit';
import { valueOf } from './valueOf.ts';

export interface Select<Value extends string = string> {
  readonly id?: string;
  readonly label: string;
  readonly options: readonly (readonly [value: Value, name: string])[];
  readonly value: string;
  readonly disabled?: boolean;
  /** Whether the user can type to find an option. */
  readonly combobox?: boolean;
  readonly changed: (value: string) => void;
}

/** A control to choose one of several values. */
export function select({ id, label, options, value, disabled, combobox, changed }: Select): TemplateResult {
  return html`<vscode-single-select
    id=${id ?? nothing}
    label=${label}
    title=${label}
    ?disabled=${disabled === true}
    ?combobox=${combobox === true}
    filter="contains"
    .options=${options.map(([key, name]) => ({ value: key, label: name, selected: key === value, description: '', disabled: false }))}
    .value=${value}
    @change=${(event: Event) => {
      changed(valueOf(event));
    }}
  ></vscode-single-select>`;
}
