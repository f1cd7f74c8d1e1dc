import { escapeMarkdown, printable } from './escapeMarkdown.ts';

/** What a hover says of an image. Names and labels are anybody's; all other texts are ours, and translated. */
export interface HoverContent {
  readonly name: string;
  /** "64 × 64 px PNG", "1.2 KB" */
  readonly facts: readonly string[];
  /** WebP, and the pixels of the page it is shown in. */
  readonly picture: {
    readonly bytes: Uint8Array;
    readonly width: number;
    readonly height: number;
    readonly alt: string;
  } | null;
  readonly tags: readonly { readonly label: string; readonly score: number; readonly manual: boolean }[];
  /** Behind the label of a tag that was given by hand. */
  readonly manual: string;
  /** Why something is missing, and the like: may quote names. */
  readonly notes: readonly string[];
  readonly links: readonly HoverLink[];
}

export interface HoverLink {
  readonly title: string;
  readonly command: HoverCommand;
  /** Handed to the command as JSON. */
  readonly argument?: unknown;
}

/** Nothing else runs from a hover. */
export const HOVER_COMMANDS = ['assetlens.findSimilar', 'assetlens.addTag', 'assetlens.tagWorkspace'] as const;
export type HoverCommand = (typeof HOVER_COMMANDS)[number];

/** Characters that a name or label takes at most. */
const MOST_NAME = 120;
const MOST_LABEL = 60;
const BAR = 10;

/** Markdown in which nothing of a name or label is markup: no link, no HTML, no code. */
export function hoverMarkdown({ name, facts, picture, tags, manual, notes, links }: HoverContent): string {
  const parts: string[] = [];
  if (picture) {
    const data = Buffer.from(picture.bytes).toString('base64');
    // The editor's own way to say how large an image is shown.
    parts.push(
      `![${escapeMarkdown(picture.alt)}](data:image/webp;base64,${data}|width=${picture.width},height=${picture.height})`,
    );
  }
  parts.push(
    [`**${escapeMarkdown(printable(name, MOST_NAME))}**`, facts.map(escapeMarkdown).join(', ')]
      .filter((part) => part !== '')
      .join(' — '),
  );
  if (tags.length > 0) parts.push(['```text', ...tags.map((tag) => tagLine(tag, manual)), '```'].join('\n'));
  for (const note of notes) parts.push(escapeMarkdown(printable(note, 4 * MOST_NAME)));
  if (links.length > 0) parts.push(links.map(linkTo).join(' · '));
  return parts.join('\n\n');
}

/** "██████░░░░  62 %  cat": begins with the bar, so that no label can end the block of code. */
function tagLine(tag: HoverContent['tags'][number], manualWords: string): string {
  const label = printable(tag.label, MOST_LABEL);
  const filled = Math.round(Math.min(1, Math.max(0, tag.score)) * BAR);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
  if (tag.manual) return `${bar}      ✓  ${label} (${manualWords})`;
  return `${bar}  ${`${Math.round(100 * tag.score)} %`.padStart(5)}  ${label}`;
}

function linkTo({ title, command, argument }: HoverLink): string {
  const query = argument === undefined ? '' : `?${encodeURIComponent(JSON.stringify([argument]))}`;
  // Parentheses would end the link, and encodeURIComponent leaves them.
  const target = `command:${command}${query}`.replace(/[()]/g, (it) => (it === '(' ? '%28' : '%29'));
  return `[${escapeMarkdown(title)}](${target})`;
}
