import path from 'node:path';
import { UserError } from '../base/userError.ts';
import {
  countKinds,
  fittingPresets,
  LABEL_PRESETS,
  presetFile,
  type KindCounts,
  type LabelPreset,
} from '../library/index.ts';
import { print, printCsv, printJson, table, type Format } from './output.ts';
import { formatOf, openSession, reportUpdate, type FolderOptions } from './session.ts';
import { text } from './text.ts';

interface PresetOptions {
  /** The default labels; the presets are beside them. */
  readonly labelsFile: string;
  readonly json?: boolean;
}

/** `assetlens labels presets`: lists the label presets with their files. */
export async function listPresets({ labelsFile, json }: PresetOptions): Promise<void> {
  const rows = LABEL_PRESETS.map((preset) => ({
    name: preset.name,
    content: preset.content,
    file: presetFile(path.dirname(labelsFile), preset),
  }));
  if (json) {
    for (const row of rows) await printJson(row);
    return;
  }
  await print(
    table(
      ['preset', 'for', 'file'],
      rows.map(({ name, content, file }) => [name, content, file]),
    ),
  );
}

/** `assetlens labels suggest`: counts the kinds of pictures in a folder, and names the presets that fit. */
export async function suggestPresets(folder: string, options: FolderOptions): Promise<void> {
  await using session = await openSession(folder, options);
  const kinds = await countKinds(session.library, options.signal);
  await printSuggestion(kinds, fittingPresets(kinds), formatOf(options));
  reportUpdate(session, options);
}

async function printSuggestion(kinds: KindCounts, presets: readonly LabelPreset[], format: Format): Promise<void> {
  const sorted = [...kinds].sort(([, a], [, b]) => b - a);
  const names = presets.map(({ name }) => name);
  switch (format) {
    case 'json':
      await printJson({ kinds: Object.fromEntries(sorted), presets: names });
      return;
    case 'csv':
      await printCsv([['kind', 'images'], ...sorted]);
      return;
    case 'table': {
      const advice =
        names.length > 0
          ? text`Use them with: assetlens tag <folder> ${names.map((name) => `--preset ${name}`).join(' ')}\n`
          : text`No preset is made for most of these pictures. The default labels apply.\n`;
      await print(text`${table(['kind', 'images'], sorted)}\n${advice}`);
    }
  }
}

/**
 * Returns the label files of the options `--labels` and `--preset`.
 * @throws UserError if a preset does not exist
 */
export function labelFiles(options: { labels?: string; preset?: readonly string[]; labelsFile: string }): string[] {
  const { labels, preset: names = [], labelsFile } = options;
  const files = names.map((name) => {
    const preset = LABEL_PRESETS.find((known) => known.name === name);
    if (preset) return presetFile(path.dirname(labelsFile), preset);
    const known = LABEL_PRESETS.map((other) => other.name).join(', ');
    throw new UserError(`There is no label preset ${name}. Use one of: ${known}.`);
  });
  if (labels !== undefined) files.unshift(labels);
  return files.length > 0 ? files : [labelsFile];
}
