import * as vscode from 'vscode';
import { exactPercent } from '../../base/format.ts';
import type { Label } from '../../clip/index.ts';
import type { Services } from '../../workspace/services.ts';
import { draftOf, setOfLabel, type FolderLabels } from './folderLabels.ts';
import { parseThreshold, textOfField, withField, type Field } from './labelFields.ts';
import { liveList, type LiveRow, type Outcome } from './liveList.ts';
import { countOf, imageRows, previewIn } from './matches.ts';

/** A label that the user edits. */
export interface EditedLabel {
  /** Name of the label set to save it in. */
  readonly set: string;
  readonly label: Label;
  /** Name of the label in the setting; undefined for a new label. */
  readonly original?: string | undefined;
}

/** Suggested thresholds. */
const THRESHOLDS = [0.1, 0.15, 0.2, 0.3, 0.5, 0.7];

/** Lets the user type one field of a label, and shows what the label would match. */
export async function typeField(
  services: Services,
  labels: FolderLabels,
  { set, label, original }: EditedLabel,
  field: Field,
): Promise<Outcome<Label>> {
  const outcome = await liveList<Label>(services, {
    ...wording(field, label.name),
    value: textOfField(label, field),
    back: true,
    async *rows(value, signal) {
      const changed = withField(label, field, value);
      const mistake =
        changed.name === ''
          ? vscode.l10n.t('Enter the name of the label.')
          : duplicateMistake(labels, changed.name, original);
      if (mistake !== undefined) {
        yield [{ label: `$(info) ${mistake}`, alwaysShow: true }];
        return;
      }
      const accept = { label: `$(check) ${shownValue(changed, field)}`, alwaysShow: true, answer: changed };
      const draft = draftOf(labels, set, changed);
      const preview = await previewIn(labels.folder, draft, [draft.threshold], signal);
      yield [{ ...accept, description: countOf(preview) }, ...imageRows(labels.folder, preview, draft.threshold)];
    },
  });
  return outcome;
}

/** Lets the user choose the threshold of a label, with the number of images at each threshold. */
export async function pickThreshold(
  services: Services,
  labels: FolderLabels,
  { set, label }: EditedLabel,
): Promise<Outcome<Label>> {
  const without: Label = { ...label, threshold: undefined };
  const inherited = draftOf(labels, set, without).threshold;
  return liveList<Label>(services, {
    title: vscode.l10n.t('Threshold of "{0}"', label.name),
    placeholder: vscode.l10n.t('Enter or select a percentage'),
    back: true,
    async *rows(value, signal) {
      const typed = parseThreshold(value);
      const isInvalid = value.trim() !== '' && typed === undefined;
      const shares = [...new Set([...(typed === undefined ? [] : [typed]), ...THRESHOLDS])];
      const draft = draftOf(labels, set, label);
      const preview = await previewIn(labels.folder, draft, [...shares, inherited], signal);
      const row = (share: number, i: number): LiveRow<Label> => ({
        label: share === label.threshold ? `$(check) ${exactPercent(share)}` : exactPercent(share),
        description: countOf(preview, i),
        alwaysShow: true,
        answer: { ...label, threshold: share },
      });
      yield [
        ...(isInvalid
          ? [{ label: `$(info) ${vscode.l10n.t('Enter a percentage from 0 to 100.')}`, alwaysShow: true }]
          : []),
        ...shares.map(row),
        {
          label: `${label.threshold === undefined ? '$(check) ' : ''}${vscode.l10n.t('Default ({0})', exactPercent(inherited))}`,
          description: countOf(preview, shares.length),
          alwaysShow: true,
          answer: without,
        },
        ...imageRows(labels.folder, preview, typed ?? draft.threshold),
      ];
    },
  });
}

/** Lets the user choose the set of a label, or type the name of a new set. */
export async function pickSet(services: Services, labels: FolderLabels, edited: EditedLabel): Promise<Outcome<string>> {
  return liveList<string>(services, {
    title: vscode.l10n.t('Label set of "{0}"', edited.label.name),
    placeholder: vscode.l10n.t('Select a label set or enter the name of a new one'),
    back: true,
    async *rows(value) {
      const wanted = value.trim();
      const known = labels.sets.some(({ name }) => name.toLowerCase() === wanted.toLowerCase());
      yield await Promise.resolve([
        ...(wanted !== '' && !known
          ? [{ label: `$(add) ${vscode.l10n.t('New label set "{0}"', wanted)}`, alwaysShow: true, answer: wanted }]
          : []),
        ...labels.sets.map(({ name, labels: members }) => ({
          label: `${name === edited.set ? '$(check) ' : ''}${setName(name)}`,
          description: vscode.l10n.t('{0} labels', members.length),
          answer: name,
        })),
      ]);
    },
  });
}

export function setName(name: string): string {
  return name === '' ? vscode.l10n.t('Labels') : name;
}

/** Returns why a name cannot be used, or undefined if it can. */
function duplicateMistake(labels: FolderLabels, name: string, original: string | undefined): string | undefined {
  const set = setOfLabel(labels, name);
  if (!set || name.toLowerCase() === original?.toLowerCase()) return undefined;
  return vscode.l10n.t('The label "{0}" already exists in {1}.', name, setName(set.name));
}

function shownValue(label: Label, field: Field): string {
  return textOfField(label, field) || vscode.l10n.t('None');
}

function wording(field: Field, name: string): { title: string; placeholder: string; prompt?: string } {
  switch (field) {
    case 'name':
      return {
        title: vscode.l10n.t('Name of the Label'),
        placeholder: vscode.l10n.t('What the images show, for example: music'),
      };
    case 'synonyms':
      return {
        title: vscode.l10n.t('Synonyms of "{0}"', name),
        placeholder: vscode.l10n.t('Other names of the same thing, separated by commas'),
      };
    case 'context':
      return {
        title: vscode.l10n.t('Context of "{0}"', name),
        placeholder: vscode.l10n.t('Words that make the meaning clear, for example: a type of flower'),
      };
    case 'prompts':
      return {
        title: vscode.l10n.t('Prompts of "{0}"', name),
        placeholder: vscode.l10n.t('Complete prompts, separated by |. {} stands for the name.'),
        prompt: vscode.l10n.t('These prompts replace the templates of the label set.'),
      };
  }
}
