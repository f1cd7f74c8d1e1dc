import type * as vscode from 'vscode';
import { readSettings } from '../settings.ts';

/** Returns the prompt templates of the settings, which apply to label sets without templates. */
export async function defaultTemplates(folder: vscode.Uri): Promise<readonly string[]> {
  const { isTemplateSet, templateSets } = await import('../../clip/index.ts');
  const { templates } = readSettings(folder);
  const ofSet = typeof templates === 'string' && isTemplateSet(templates) ? templateSets[templates] : [];
  const list = typeof templates === 'string' ? ofSet : templates;
  return list.length > 0 ? list : templateSets.icon;
}
