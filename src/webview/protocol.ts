/**
 * What the gallery's page (browser) and its panel (extension) say to each other. Both sides compile against this file and check what
 * they get with its schemas: neither believes the other. Typed arrays travel as they are.
 */
import * as z from 'zod/mini';

/** Images are numbered by the panel; a number means the same image for as long as the panel lives. */
const id = z.int().check(z.nonnegative());
const text = z.string().check(z.maxLength(10_000));
const score = z.number();
/** Typed arrays over memory of any kind: the schemas' own instanceof asks for one kind. */
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const floats = z.custom<Float32Array>((value) => value instanceof Float32Array);
const numbers = z.custom<Uint32Array>((value) => value instanceof Uint32Array);

export const GROUPINGS = ['none', 'label', 'folder', 'likeness'] as const;
export const ORDERS = ['best', 'name', 'path', 'size', 'pixels'] as const;
export const LABEL_MODES = ['any', 'all', 'none'] as const;
export const TAGGINGS = ['all', 'tagged', 'manual', 'uncertain', 'untagged'] as const;
export const SIZES = ['all', 'icon', 'small', 'medium', 'large'] as const;
export const COLOUR_MAPS = ['viridis', 'cividis', 'inferno'] as const;
/** Behind transparency: checks in light or dark, or those of the theme, where an image that would vanish gets a background of its own. */
export const BACKGROUNDS = ['auto', 'light', 'dark'] as const;
/** What a picture is made for: one that would vanish on it gets a background of its own; on any, it is left as it is. */
export const PICTURE_GROUNDS = ['light', 'dark', 'any'] as const;
export type PictureBackground = (typeof PICTURE_GROUNDS)[number];
export const HEATMAP_KINDS = ['where', 'why'] as const;

/** What the gallery shows, and in which order. It is what the page keeps when it is hidden or reloaded. */
export const arrangementSchema = z.object({
  /** In the query language of the search; empty: all images. */
  query: text,
  /** Whether words in names of files and folders count in a search. */
  names: z.boolean(),
  labels: z.array(z.object({ set: text, label: text })),
  /** Any of the labels, all of them, or none of them. */
  labelMode: z.enum(LABEL_MODES),
  tagging: z.enum(TAGGINGS),
  /** Confidence, 0 to 1: of the search where there is one, else of the best of the chosen labels, or of any. */
  score: z.object({ least: score, most: score }),
  /** As formats are called in the index ("png"); empty: all. */
  formats: z.array(text),
  size: z.enum(SIZES),
  /** A folder and what is below it, as folderKey makes it; empty: all. */
  folder: text,
  group: z.enum(GROUPINGS),
  order: z.enum(ORDERS),
});
export type Arrangement = z.infer<typeof arrangementSchema>;

export const everything: Arrangement = {
  query: '',
  names: true,
  labels: [],
  labelMode: 'any',
  tagging: 'all',
  score: { least: 0, most: 1 },
  formats: [],
  size: 'all',
  folder: '',
  group: 'none',
  order: 'best',
};

const promptSchema = z.object({
  /** What was typed, or the label's name. */
  text,
  /** The label set that it is of; null: free text. */
  set: z.nullable(text),
});
export type Prompt = z.infer<typeof promptSchema>;

const pictureBackground = z.enum(PICTURE_GROUNDS);
const heatmapKind = z.enum(HEATMAP_KINDS);

/** What is done with images outside of the page, by commands of the extension. */
export const IMAGE_ACTIONS = [
  'open',
  'openToSide',
  'reveal',
  'findSimilar',
  'copyRelativePath',
  'addTag',
  'forgetManualTags',
] as const;

/** Page → panel. Each is answered by a reply of its kind, or by a failure. */
export const requestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('arrange'), arrangement: arrangementSchema }),
  /** What a filter can choose from. */
  z.object({ kind: z.literal('choices') }),
  /** Images by their addresses. */
  z.object({ kind: z.literal('find'), uris: z.array(text).check(z.maxLength(10)) }),
  z.object({ kind: z.literal('tiles'), ids: z.array(id).check(z.maxLength(500)) }),
  z.object({
    kind: z.literal('thumbnail'),
    id,
    side: z.int().check(z.positive(), z.maximum(1024)),
    background: pictureBackground,
  }),
  /** A picture of the image as large as the detail pane can use. */
  z.object({
    kind: z.literal('picture'),
    id,
    side: z.int().check(z.positive(), z.maximum(4096)),
    background: pictureBackground,
  }),
  z.object({ kind: z.literal('details'), id }),
  z.object({ kind: z.literal('references'), id }),
  z.object({ kind: z.literal('duplicates'), id }),
  z.object({
    kind: z.literal('heatmap'),
    id,
    method: heatmapKind,
    prompts: z.array(promptSchema).check(z.minLength(1), z.maxLength(6)),
  }),
  /** Says of images that a label holds, does not, or takes back what was said (null). */
  z.object({
    kind: z.literal('setTag'),
    ids: z.array(id),
    label: text,
    holds: z.nullable(z.boolean()),
    /** Whether a message offers to take it back: what the same key does not take back. */
    undo: z.boolean(),
  }),
  z.object({ kind: z.literal('act'), action: z.enum(IMAGE_ACTIONS), ids: z.array(id) }),
  z.object({
    kind: z.literal('openReference'),
    uri: text,
    line: z.int().check(z.nonnegative()),
    start: z.int().check(z.nonnegative()),
    end: z.int().check(z.nonnegative()),
  }),
  /** Asks the user where to, and writes a PNG. */
  z.object({ kind: z.literal('savePicture'), id, png: bytes }),
  z.object({ kind: z.literal('tagWorkspace') }),
]);
export type PageRequest = z.infer<typeof requestSchema>;

const groupSchema = z.object({
  /** Stays the same while the images change. */
  key: text,
  title: text,
  /** The label that its images stand under, where it is a group of one. */
  label: z.nullable(z.object({ set: text, label: text })),
  /** Images in it; they follow each other in `order`. */
  count: z.int(),
});
export type Group = z.infer<typeof groupSchema>;

const arranged = z.object({
  /** Ids in the order they are shown in, group after group; an image may be in several groups. */
  order: numbers,
  /** Aligned with order: what it was sorted by, or NaN. */
  scores: floats,
  groups: z.array(groupSchema),
  /** Images that there are, whatever the filters. */
  total: z.int(),
  /** For people: why there is nothing, or less than there could be; empty where all is well. */
  message: text,
});
export type Arranged = z.infer<typeof arranged>;

const choices = z.object({
  labels: z.array(z.object({ set: text, label: text, images: z.int() })),
  formats: z.array(z.object({ format: text, images: z.int() })),
  folders: z.array(z.object({ key: text, title: text, images: z.int() })),
});
export type Choices = z.infer<typeof choices>;

const tagSchema = z.object({ label: text, set: text, score, manual: z.boolean() });
const tileSchema = z.object({
  id,
  /** Relative to its folder, with '/'. */
  path: text,
  /** Name of the workspace folder where there are several, else empty. */
  folder: text,
  /** What is dragged out. */
  uri: text,
  fsPath: text,
  /** URI of the workspace folder. */
  folderUri: text,
  width: z.int(),
  height: z.int(),
  format: text,
  bytes: z.int(),
  /** Of the content: another one is another picture. */
  hash: text,
  tags: z.array(tagSchema),
  uncertain: z.array(tagSchema),
});
export type Tile = z.infer<typeof tileSchema>;

const pictureSchema = z.object({
  /** WebP; null where the file is gone or cannot be decoded. */
  bytes: z.nullable(bytes),
  /** For people: why there is none. */
  reason: text,
  width: z.int(),
  height: z.int(),
});
export type Picture = z.infer<typeof pictureSchema>;

const labelScoreSchema = z.object({
  set: text,
  label: text,
  /** Confidence, 0 to 1. */
  score,
  threshold: score,
  holds: z.boolean(),
  /** What somebody said of it; null: nothing. */
  manual: z.nullable(z.boolean()),
  prompts: z.array(text),
});
export type LabelScore = z.infer<typeof labelScoreSchema>;

const details = z.object({
  tile: tileSchema,
  /** Best first. */
  scores: z.array(labelScoreSchema),
  /** Names and values, for people. */
  properties: z.array(z.object({ name: text, value: text })),
});
export type Details = z.infer<typeof details>;

const duplicates = z.object({
  /** Best first; cosine, 1 for copies. */
  images: z.array(z.object({ id, path: text, cosine: score, isCopy: z.boolean() })),
});
export type Duplicates = z.infer<typeof duplicates>;

const referenceSchema = z.object({
  uri: text,
  /** For people. */
  file: text,
  line: z.int(),
  start: z.int(),
  end: z.int(),
  text,
});
export type Reference = z.infer<typeof referenceSchema>;

const heatmap = z.object({
  columns: z.int().check(z.positive()),
  rows: z.int().check(z.positive()),
  /** The part of the image that the grid covers, in fractions of its sides. */
  area: z.object({ left: z.number(), top: z.number(), width: z.number(), height: z.number() }),
  /** [prompts, rows, columns] */
  values: floats,
  range: z.object({ from: z.number(), to: z.number() }),
  /** [prompts] cosine of the whole image. */
  similarities: floats,
  /** For people: how the map was made. */
  method: text,
});
export type HeatmapReply = z.infer<typeof heatmap>;

/** Replies by the kind of their request. */
export const replySchemas = {
  arrange: arranged,
  choices,
  /** Null: it is not in the index. */
  find: z.object({ ids: z.array(z.nullable(id)) }),
  tiles: z.object({ tiles: z.array(tileSchema) }),
  thumbnail: pictureSchema,
  picture: pictureSchema,
  details,
  references: z.object({ references: z.array(referenceSchema), complete: z.boolean() }),
  duplicates,
  heatmap,
  setTag: z.null(),
  act: z.null(),
  openReference: z.null(),
  savePicture: z.object({ saved: z.boolean() }),
  tagWorkspace: z.null(),
} as const satisfies Record<PageRequest['kind'], unknown>;
export type PageReplies = { readonly [Kind in keyof typeof replySchemas]: z.infer<(typeof replySchemas)[Kind]> };

/** Where a command wants the gallery to go. */
const destinationSchema = z.object({
  /** Null: as it is. */
  arrangement: z.nullable(arrangementSchema),
  /** The image to show in the detail pane; null: none. */
  detail: z.nullable(id),
  /** Whether its heatmap is wanted. */
  heatmap: z.boolean(),
});
export type Destination = z.infer<typeof destinationSchema>;

export const toPanelSchema = z.discriminatedUnion('type', [
  /** The page listens now. */
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('request'), number: z.int(), request: requestSchema }),
  z.object({ type: z.literal('cancel'), number: z.int() }),
  /** A bug in the page. */
  z.object({ type: z.literal('crash'), message: text, stack: text }),
]);
export type ToPanel = z.infer<typeof toPanelSchema>;

export const toPageSchema = z.discriminatedUnion('type', [
  /** The page checks the value by the kind of its request. */
  z.object({ type: z.literal('reply'), number: z.int(), value: z.unknown() }),
  z.object({ type: z.literal('failure'), number: z.int(), message: text, cancelled: z.boolean() }),
  /** Images, tags or labels are not what they were. */
  z.object({ type: z.literal('changed') }),
  /** What the indexer does; null: nothing. */
  z.object({ type: z.literal('indexing'), progress: z.nullable(z.object({ message: text, percent: z.number() })) }),
  z.object({ type: z.literal('show'), destination: destinationSchema }),
]);
export type ToPage = z.infer<typeof toPageSchema>;

/** What the page keeps in the editor's state while it is hidden, and over a reload of the window. */
export const savedStateSchema = z.object({
  version: z.literal(1),
  arrangement: arrangementSchema,
  tileSize: z.number(),
  filtersOpen: z.boolean(),
  /** Paths and not ids, which end with the panel. */
  detail: z.nullable(z.object({ uri: text })),
  /** The image with the focus where it is in view, else the first one; and where its line was. */
  anchor: z.nullable(z.object({ uri: text, offset: z.number() })),
  heatmap: z.object({
    on: z.boolean(),
    method: heatmapKind,
    colours: z.enum(COLOUR_MAPS),
    opacity: z.number(),
    cells: z.boolean(),
    relative: z.boolean(),
    sideBySide: z.boolean(),
  }),
  background: z.enum(BACKGROUNDS),
  /** Where the detail pane begins, in percent. */
  split: z.number(),
});
export type SavedState = z.infer<typeof savedStateSchema>;
