import * as vscode from 'vscode';
import type { LabelSet } from '../../library/index.ts';
import type { Services } from '../../workspace/services.ts';
import { setName } from './fieldSteps.ts';
import { draftOf, type FolderLabels } from './folderLabels.ts';
import { liveList, type LiveRow, type Outcome } from './liveList.ts';
import { noIndexRow, previewIn } from './matches.ts';

export interface TemplatesChoice {
  /** Name of a template set; null for the templates of the setting assetlens.templates. */
  readonly templates: string | null;
}

/** Lets the user choose the templates of a label set, with the number of tags that each choice results in. */
export async function pickTemplates(
  services: Services,
  labels: FolderLabels,
  set: LabelSet,
): Promise<Outcome<TemplatesChoice>> {
  const { templateSets } = await import('../../clip/index.ts');
  const choices: { name: string | null; templates: readonly string[] }[] = [
    ...Object.entries(templateSets).map(([name, templates]) => ({ name, templates })),
    { name: null, templates: labels.templates },
  ];
  const current = JSON.stringify(set.templates);
  return liveList<TemplatesChoice>(services, {
    title: vscode.l10n.t('Templates of {0}', setName(set.name)),
    placeholder: vscode.l10n.t('The text encoder receives each label name in these prompt templates'),
    back: true,
    async *rows(_, signal) {
      const isIndexed = await labels.folder.hasIndex();
      const counts = new Map<string | null, number>();
      const rows = (): LiveRow<TemplatesChoice>[] =>
        choices.map(({ name, templates }) => {
          const count = counts.get(name);
          const label = name ?? vscode.l10n.t('Use the setting assetlens.templates');
          return {
            label: JSON.stringify(templates) === current && name !== null ? `$(check) ${label}` : label,
            description: count === undefined ? (isIndexed ? '…' : '') : vscode.l10n.t('{0} tags', count),
            detail: templates.join('  ·  '),
            answer: { templates: name },
          };
        });
      if (!isIndexed) {
        yield [noIndexRow(), ...rows()];
        return;
      }
      yield rows();
      for (const { name, templates } of choices) {
        signal.throwIfAborted();
        counts.set(name, await tagCount(labels, { ...set, templates }, signal));
        yield rows();
      }
    },
  });
}

/** Counts the tags of all labels of a set. */
async function tagCount(labels: FolderLabels, set: LabelSet, signal: AbortSignal): Promise<number> {
  let sum = 0;
  for (const label of set.labels) {
    const draft = { ...draftOf(labels, set.name, label), templates: set.templates };
    const preview = await previewIn(labels.folder, draft, [draft.threshold], signal);
    sum += preview?.counts[0] ?? 0;
  }
  return sum;
}
