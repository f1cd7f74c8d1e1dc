import * as vscode from 'vscode';
import { exactPercent } from '../../base/format.ts';
import type { Services } from '../../workspace/services.ts';
import { pickSet, pickThreshold, setName, typeField, type EditedLabel } from './fieldSteps.ts';
import { draftOf, type FolderLabels } from './folderLabels.ts';
import { textOfField, type Field } from './labelFields.ts';
import { liveList, type LiveRow, type Outcome } from './liveList.ts';
import { countOf, imageRows, previewIn } from './matches.ts';

/** The result of editing a label. */
export type EditResult = { readonly kind: 'save'; readonly edited: EditedLabel } | { readonly kind: 'remove' };

type Choice = 'save' | 'remove' | 'set' | 'threshold' | Field;

/** Shows the fields of a label and the images that it would match, until the user saves, removes or leaves it. */
export async function editLabel(
  services: Services,
  labels: FolderLabels,
  start: EditedLabel,
): Promise<Outcome<EditResult>> {
  let edited = start;
  for (;;) {
    const chosen = await chooseField(services, labels, edited, edited !== start);
    if (chosen.kind !== 'answer') return chosen;
    const { answer, value } = chosen;
    if (answer === 'remove') return { kind: 'answer', answer: { kind: 'remove' }, value };
    if (answer === 'save') return { kind: 'answer', answer: { kind: 'save', edited }, value };
    const next = await changeField(services, labels, edited, answer);
    if (next.kind === 'left') return next;
    if (next.kind === 'answer') edited = next.answer;
  }
}

/** Edits one field of a label. */
async function changeField(
  services: Services,
  labels: FolderLabels,
  edited: EditedLabel,
  choice: Exclude<Choice, 'save' | 'remove'>,
): Promise<Outcome<EditedLabel>> {
  if (choice === 'set') {
    const outcome = await pickSet(services, labels, edited);
    return outcome.kind === 'answer' ? { ...outcome, answer: { ...edited, set: outcome.answer } } : outcome;
  }
  const outcome =
    choice === 'threshold'
      ? await pickThreshold(services, labels, edited)
      : await typeField(services, labels, edited, choice);
  return outcome.kind === 'answer' ? { ...outcome, answer: { ...edited, label: outcome.answer } } : outcome;
}

async function chooseField(
  services: Services,
  labels: FolderLabels,
  edited: EditedLabel,
  isChanged: boolean,
): Promise<Outcome<Choice>> {
  const { label, set, original } = edited;
  const draft = draftOf(labels, set, label);
  const save =
    original === undefined ? vscode.l10n.t('Add "{0}"', label.name) : vscode.l10n.t('Save "{0}"', label.name);
  const fields = fieldRows(labels, edited);
  return liveList<Choice>(services, {
    title: original === undefined ? vscode.l10n.t('Add Label') : vscode.l10n.t('Edit Label "{0}"', original),
    placeholder: vscode.l10n.t('Select what to change'),
    back: true,
    async *rows(_, signal) {
      const preview = await previewIn(labels.folder, draft, [draft.threshold], signal);
      const count = countOf(preview);
      const saving: LiveRow<Choice>[] =
        original === undefined || isChanged ? [{ label: `$(check) ${save}`, description: count, answer: 'save' }] : [];
      const removing: LiveRow<Choice>[] =
        original === undefined ? [] : [{ label: `$(trash) ${vscode.l10n.t('Remove')}`, answer: 'remove' }];
      const heading = { label: count || label.name, kind: vscode.QuickPickItemKind.Separator };
      yield [...saving, heading, ...fields, ...removing, ...imageRows(labels.folder, preview, draft.threshold)];
    },
  });
}

function fieldRows(labels: FolderLabels, { label, set }: EditedLabel): LiveRow<Choice>[] {
  const none = vscode.l10n.t('none');
  const row = (name: string, value: string, answer: Choice): LiveRow<Choice> => ({
    label: `$(edit) ${name}`,
    description: value === '' ? none : value,
    answer,
  });
  const { threshold } = draftOf(labels, set, label);
  return [
    row(vscode.l10n.t('Name'), label.name, 'name'),
    row(vscode.l10n.t('Synonyms'), textOfField(label, 'synonyms'), 'synonyms'),
    row(vscode.l10n.t('Context'), textOfField(label, 'context'), 'context'),
    row(
      vscode.l10n.t('Prompts'),
      label.prompts ? textOfField(label, 'prompts') : vscode.l10n.t('templates of the label set'),
      'prompts',
    ),
    row(
      vscode.l10n.t('Threshold'),
      label.threshold !== undefined ? exactPercent(threshold) : vscode.l10n.t('{0} (default)', exactPercent(threshold)),
      'threshold',
    ),
    row(vscode.l10n.t('Label set'), setName(set), 'set'),
  ];
}
