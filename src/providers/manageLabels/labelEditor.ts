import * as vscode from 'vscode';
import type { Services } from '../../workspace/services.ts';
import { pickSet, pickThreshold, setName, typeField, type Written } from './fieldSteps.ts';
import { draftOf, type FolderLabels } from './folderLabels.ts';
import { percent, textOfField, type Field } from './labelFields.ts';
import { liveList, type LiveRow, type Outcome } from './liveList.ts';
import { countOf, imageRows, previewIn } from './matches.ts';

export type Edited = { readonly kind: 'save'; readonly written: Written } | { readonly kind: 'remove' };

type Choice = 'save' | 'remove' | 'set' | 'threshold' | Field;

/** Edits one label, all fields beside the images that it would match, until it is saved or left. */
export async function editLabel(services: Services, labels: FolderLabels, start: Written): Promise<Outcome<Edited>> {
  let written = start;
  for (;;) {
    const chosen = await chooseField(services, labels, written, written !== start);
    if (chosen.kind !== 'answer') return chosen;
    const { answer, value } = chosen;
    if (answer === 'remove') return { kind: 'answer', answer: { kind: 'remove' }, value };
    if (answer === 'save') return { kind: 'answer', answer: { kind: 'save', written }, value };
    const next = await changeField(services, labels, written, answer);
    if (next.kind === 'left') return next;
    if (next.kind === 'answer') written = next.answer;
  }
}

/** Edits a field; what came of it is written into the label. */
async function changeField(
  services: Services,
  labels: FolderLabels,
  written: Written,
  choice: Exclude<Choice, 'save' | 'remove'>,
): Promise<Outcome<Written>> {
  if (choice === 'set') {
    const outcome = await pickSet(services, labels, written);
    return outcome.kind === 'answer' ? { ...outcome, answer: { ...written, set: outcome.answer } } : outcome;
  }
  const outcome =
    choice === 'threshold'
      ? await pickThreshold(services, labels, written)
      : await typeField(services, labels, written, choice);
  return outcome.kind === 'answer' ? { ...outcome, answer: { ...written, label: outcome.answer } } : outcome;
}

async function chooseField(
  services: Services,
  labels: FolderLabels,
  written: Written,
  changed: boolean,
): Promise<Outcome<Choice>> {
  const { label, set, original } = written;
  const draft = draftOf(labels, set, label);
  const save =
    original === undefined ? vscode.l10n.t('Add "{0}"', label.name) : vscode.l10n.t('Save "{0}"', label.name);
  const fields = fieldRows(labels, written);
  return liveList<Choice>(services, {
    title: original === undefined ? vscode.l10n.t('Add Label') : vscode.l10n.t('Edit Label "{0}"', original),
    placeholder: vscode.l10n.t('Choose what to change'),
    back: true,
    async *rows(_, signal) {
      const preview = await previewIn(labels.folder, draft, [draft.threshold], signal);
      const count = countOf(preview);
      const saving: LiveRow<Choice>[] =
        original === undefined || changed ? [{ label: `$(check) ${save}`, description: count, answer: 'save' }] : [];
      const removing: LiveRow<Choice>[] =
        original === undefined ? [] : [{ label: `$(trash) ${vscode.l10n.t('Remove')}`, answer: 'remove' }];
      const heading = { label: count || label.name, kind: vscode.QuickPickItemKind.Separator };
      yield [...saving, heading, ...fields, ...removing, ...imageRows(labels.folder, preview, draft.threshold)];
    },
  });
}

function fieldRows(labels: FolderLabels, { label, set }: Written): LiveRow<Choice>[] {
  const none = vscode.l10n.t('none');
  const row = (name: string, value: string, answer: Choice): LiveRow<Choice> => ({
    label: `$(edit) ${name}`,
    description: value === '' ? none : value,
    answer,
  });
  const { threshold } = draftOf(labels, set, label);
  const own = label.threshold !== undefined;
  return [
    row(vscode.l10n.t('Name'), label.name, 'name'),
    row(vscode.l10n.t('Synonyms'), textOfField(label, 'synonyms'), 'synonyms'),
    row(vscode.l10n.t('Context'), textOfField(label, 'context'), 'context'),
    row(
      vscode.l10n.t('Prompts'),
      label.prompts ? textOfField(label, 'prompts') : vscode.l10n.t('the templates of the set'),
      'prompts',
    ),
    row(
      vscode.l10n.t('Threshold'),
      own ? percent(threshold) : vscode.l10n.t('{0}, as other labels have', percent(threshold)),
      'threshold',
    ),
    row(vscode.l10n.t('Label set'), setName(set), 'set'),
  ];
}
