import { percent } from '../../base/format.ts';
import { escapeMarkdown } from '../../base/markdown.ts';
import { printable, shortened } from '../../base/printable.ts';

/** The parts of a hover. Names and labels are untrusted. All other texts are translated messages of the extension. */
export interface HoverContent {
  readonly name: string;
  /** "64 × 64 px PNG", "1.2 KB" */
  readonly facts: readonly string[];
  /** WebP, and its size on the page in CSS pixels. */
  readonly picture: {
    readonly bytes: Uint8Array;
    readonly width: number;
    readonly height: number;
    readonly alt: string;
  } | null;
  readonly tags: readonly { readonly label: string; readonly score: number; readonly manual: boolean }[];
  /** Text after the label of a manual tag. */
  readonly manual: string;
  /** Notes, for example the reason why something is missing. They may contain names. */
  readonly notes: readonly string[];
  readonly links: readonly HoverLink[];
}

export interface HoverLink {
  readonly title: string;
  readonly command: HoverCommand;
  /** Passed to the command as JSON. */
  readonly argument?: unknown;
}

/** The only commands that a hover can run. */
export const HOVER_COMMANDS = ['assetlens.findSimilar', 'assetlens.addTag', 'assetlens.tagWorkspace'] as const;
export type HoverCommand = (typeof HOVER_COMMANDS)[number];

/** Maximum number of characters of a name and of a label. */
const MOST_NAME = 120;
const MOST_LABEL = 60;
/** Characters of the bar before a label. */
const BAR = 10;

/** Formats a hover as Markdown. Names and labels are escaped, so they cannot create links, HTML or code. */
export function hoverMarkdown({ name, facts, picture, tags, manual, notes, links }: HoverContent): string {
  const parts: string[] = [];
  if (picture) {
    const data = Buffer.from(picture.bytes).toString('base64');
    // The editor's notation for the size of an image.
    parts.push(
      `![${escapeMarkdown(picture.alt)}](data:image/webp;base64,${data}|width=${picture.width},height=${picture.height})`,
    );
  }
  parts.push(
    [`**${markdownText(name, MOST_NAME)}**`, facts.map((fact) => markdownText(fact, MOST_NAME)).join(', ')]
      .filter((part) => part !== '')
      .join(' — '),
  );
  if (tags.length > 0) parts.push(['```text', ...tags.map((tag) => tagLine(tag, manual)), '```'].join('\n'));
  for (const note of notes) parts.push(markdownText(note, 4 * MOST_NAME));
  if (links.length > 0) parts.push(links.map(linkTo).join(' · '));
  return parts.join('\n\n');
}

function markdownText(text: string, most: number): string {
  return escapeMarkdown(shortened(printable(text).trim(), most));
}

/** "██████░░░░  62 %  cat". The line begins with the bar, so that no label can end the code block. */
function tagLine(tag: HoverContent['tags'][number], manualText: string): string {
  const label = shortened(printable(tag.label), MOST_LABEL);
  const filled = Math.round(Math.min(1, Math.max(0, tag.score)) * BAR);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
  if (tag.manual) return `${bar}      ✓  ${label} (${manualText})`;
  return `${bar}  ${percent(tag.score).padStart(5)}  ${label}`;
}

function linkTo({ title, command, argument }: HoverLink): string {
  const query = argument === undefined ? '' : `?${encodeURIComponent(JSON.stringify([argument]))}`;
  // A parenthesis would end the link; encodeURIComponent does not encode it.
  const target = `command:${command}${query}`.replace(/[()]/g, (it) => (it === '(' ? '%28' : '%29'));
  return `[${escapeMarkdown(title)}](${target})`;
}
