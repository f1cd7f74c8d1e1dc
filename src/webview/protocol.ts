/**
 * The protocol between the gallery's page (the client, in the browser) and its panel (the server, in the extension).
 * Both sides compile against this file and check everything that they receive with its schemas: neither trusts the
 * other. Typed arrays arrive as typed arrays.
 */
import * as z from 'zod/mini';
import type { ProtocolOf } from '../base/rpc/contract.ts';
import type { MethodName, Params } from '../base/rpc/protocol.ts';

/** The number of an image. The panel assigns it, and it means the same image as long as the panel exists. */
const id = z.int().check(z.nonnegative());
const text = z.string().check(z.maxLength(10_000));
const score = z.number();
// Custom schemas, because the type of z.instanceof excludes arrays over shared memory.
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const floats = z.custom<Float32Array>((value) => value instanceof Float32Array);
const numbers = z.custom<Uint32Array>((value) => value instanceof Uint32Array);

export const GROUPINGS = ['none', 'label', 'folder', 'likeness'] as const;
export const ORDERS = ['best', 'name', 'path', 'size', 'pixels'] as const;
export const LABEL_MODES = ['any', 'all', 'none'] as const;
export const TAGGINGS = ['all', 'tagged', 'manual', 'uncertain', 'untagged'] as const;
export const SIZES = ['all', 'icon', 'small', 'medium', 'large'] as const;
/** The colours that the user can filter by. */
export const COLOURS = [
  'red',
  'orange',
  'yellow',
  'green',
  'cyan',
  'blue',
  'purple',
  'pink',
  'brown',
  'black',
  'grey',
  'white',
] as const;
export const HEATMAP_KINDS = ['where', 'why'] as const;
/**
 * The background that a picture is made for. An image that would be invisible on `light` or `dark` gets another one.
 */
export const PICTURE_BACKGROUNDS = ['light', 'dark', 'any'] as const;
export type PictureBackground = (typeof PICTURE_BACKGROUNDS)[number];

/** Commands of the extension for images. */
export const IMAGE_ACTIONS = [
  'open',
  'openToSide',
  'reveal',
  'findSimilar',
  'copyRelativePath',
  'addTag',
  'forgetManualTags',
] as const;
export type ImageAction = (typeof IMAGE_ACTIONS)[number];

const labelKey = z.object({ set: text, label: text });
const noData = z.null();

/** The images that the gallery shows, and their order. The page keeps it while it is hidden or reloaded. */
export const arrangementSchema = z.object({
  /** In the query language of the search; empty: all images. */
  query: text,
  /** Whether the search also matches the names of files and folders. */
  names: z.boolean(),
  labels: z.array(labelKey),
  /** Whether an image must have any of the labels, all of them, or none of them. */
  labelMode: z.enum(LABEL_MODES),
  tagging: z.enum(TAGGINGS),
  /** Confidence, 0 to 1: of the search result if there is a query, else of the best of the chosen labels, or of any. */
  score: z.object({ least: score, most: score }),
  /** Format names of the index ("png"); empty: all. */
  formats: z.array(text),
  size: z.enum(SIZES),
  /** Colours of which an image must have any; empty: all images. */
  colours: z.array(z.enum(COLOURS)),
  /** The key of a folder, as folderKey returns it, for the images below it; empty: all. */
  folder: text,
  group: z.enum(GROUPINGS),
  order: z.enum(ORDERS),
  /** Whether copies and other sizes of a picture are shown under one of them. */
  stacked: z.boolean(),
  /** Ids of images whose copies and other sizes are shown all the same. */
  opened: z.array(id),
});
export type Arrangement = z.infer<typeof arrangementSchema>;

/** The arrangement without a query and filters. */
export const everything: Arrangement = {
  query: '',
  names: true,
  labels: [],
  labelMode: 'any',
  tagging: 'all',
  score: { least: 0, most: 1 },
  formats: [],
  size: 'all',
  colours: [],
  folder: '',
  group: 'none',
  order: 'best',
  stacked: true,
  opened: [],
};

const groupSchema = z.object({
  /** Does not change when the images change. */
  key: text,
  title: text,
  /** The label of a group of images with the same label; null for other groups. */
  label: z.nullable(labelKey),
  /** Number of images in the group; they are consecutive in `order`. */
  count: z.int(),
});
export type Group = z.infer<typeof groupSchema>;

const arrangedSchema = z.object({
  /** Ids in display order, group after group. An image can be in several groups. */
  order: numbers,
  /** The score that each image is sorted by, or NaN; aligned with `order`. */
  scores: floats,
  /** Number of copies and other sizes that are stacked under each image; aligned with `order`. */
  copies: numbers,
  /** 1 where the image is likely only because of its name, so that its score says little; aligned with `order`. */
  named: numbers,
  groups: z.array(groupSchema),
  /** Number of images without filters. */
  total: z.int(),
  /** Message for the user, for example why there are no images; empty if there is none. */
  message: text,
});
export type Arranged = z.infer<typeof arrangedSchema>;

const choicesSchema = z.object({
  labels: z.array(z.object({ set: text, label: text, images: z.int() })),
  formats: z.array(z.object({ format: text, images: z.int() })),
  folders: z.array(z.object({ key: text, title: text, images: z.int() })),
});
export type Choices = z.infer<typeof choicesSchema>;

const tagSchema = z.object({ label: text, set: text, score, manual: z.boolean() });
const tileSchema = z.object({
  id,
  /** Relative to the workspace folder, with '/'. */
  path: text,
  /** Name of the workspace folder if there are several, else empty. */
  folder: text,
  /** URI of the image. */
  uri: text,
  fsPath: text,
  /** URI of the workspace folder. */
  folderUri: text,
  width: z.int(),
  height: z.int(),
  format: text,
  bytes: z.int(),
  /** Hash of the content. */
  hash: text,
  tags: z.array(tagSchema),
  uncertain: z.array(tagSchema),
});
export type Tile = z.infer<typeof tileSchema>;

const pictureSchema = z.object({
  /** WebP; null if the file does not exist or cannot be decoded. */
  bytes: z.nullable(bytes),
  /** Reason for the user if there are no bytes. */
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
  /** Whether the image has the label. */
  holds: z.boolean(),
  /** The manual tag: whether the user added or rejected the label; null without a manual tag. */
  manual: z.nullable(z.boolean()),
  prompts: z.array(text),
});
export type LabelScore = z.infer<typeof labelScoreSchema>;

const detailsSchema = z.object({
  tile: tileSchema,
  /** Best first. */
  scores: z.array(labelScoreSchema),
  /** Names and values for the user. */
  properties: z.array(z.object({ name: text, value: text })),
});
export type Details = z.infer<typeof detailsSchema>;

const duplicatesSchema = z.object({
  /** Best first, with their cosine; 1 for copies. */
  images: z.array(z.object({ id, path: text, cosine: score, isCopy: z.boolean() })),
});
export type Duplicates = z.infer<typeof duplicatesSchema>;

const referenceSchema = z.object({
  uri: text,
  /** Name of the file for the user. */
  file: text,
  line: z.int(),
  start: z.int(),
  end: z.int(),
  text,
});
export type Reference = z.infer<typeof referenceSchema>;
const referencesSchema = z.object({ references: z.array(referenceSchema), complete: z.boolean() });
export type References = z.infer<typeof referencesSchema>;

const promptSchema = z.object({
  /** Free text, or the name of a label. */
  text,
  /** The label set of the label; null for free text. */
  set: z.nullable(text),
});
export type Prompt = z.infer<typeof promptSchema>;

const heatmapSchema = z.object({
  columns: z.int().check(z.positive()),
  rows: z.int().check(z.positive()),
  /** The part of the image that the grid covers, in fractions of its sides. */
  area: z.object({ left: z.number(), top: z.number(), width: z.number(), height: z.number() }),
  /** [prompts, rows, columns] */
  values: floats,
  range: z.object({ from: z.number(), to: z.number() }),
  /** [prompts] cosine of the whole image. */
  similarities: floats,
  /** Name of the method for the user. */
  method: text,
});
export type HeatmapReply = z.infer<typeof heatmapSchema>;

/** The place in the gallery that a command opens. */
const destinationSchema = z.object({
  /** Null: unchanged. */
  arrangement: z.nullable(arrangementSchema),
  /** The image to show in the detail pane; null: none. */
  detail: z.nullable(id),
  /** Whether to show its heatmap. */
  heatmap: z.boolean(),
});
export type Destination = z.infer<typeof destinationSchema>;

/** A picture of an image, as large as fits a square of `side` pixels. */
const pictureRequest = (largestSide: number) =>
  z.object({
    id,
    side: z.int().check(z.positive(), z.maximum(largestSide)),
    background: z.enum(PICTURE_BACKGROUNDS),
  });

export const galleryContract = {
  methods: {
    arrange: { params: z.object({ arrangement: arrangementSchema }), result: arrangedSchema },
    /** The values that a filter can have. */
    choices: { params: noData, result: choicesSchema },
    /** Finds images by their URIs. Null: the image is not in the index. */
    find: {
      params: z.object({ uris: z.array(text).check(z.maxLength(10)) }),
      result: z.object({ ids: z.array(z.nullable(id)) }),
    },
    tiles: {
      params: z.object({ ids: z.array(id).check(z.maxLength(500)) }),
      result: z.object({ tiles: z.array(tileSchema) }),
    },
    /** The picture of a tile. */
    thumbnail: { params: pictureRequest(1024), result: pictureSchema },
    /** The picture of the detail pane. */
    picture: { params: pictureRequest(4096), result: pictureSchema },
    details: { params: z.object({ id }), result: detailsSchema },
    references: { params: z.object({ id }), result: referencesSchema },
    duplicates: { params: z.object({ id }), result: duplicatesSchema },
    heatmap: {
      params: z.object({
        id,
        method: z.enum(HEATMAP_KINDS),
        prompts: z.array(promptSchema).check(z.minLength(1), z.maxLength(6)),
      }),
      result: heatmapSchema,
    },
    /** Sets a manual tag of images. */
    setTag: {
      params: z.object({
        ids: z.array(id),
        label: text,
        /** Whether the images have the label; null removes the manual tag. */
        holds: z.nullable(z.boolean()),
        /** Whether a message offers to undo it. */
        undo: z.boolean(),
      }),
      result: noData,
    },
    act: { params: z.object({ action: z.enum(IMAGE_ACTIONS), ids: z.array(id) }), result: noData },
    openReference: {
      params: z.object({
        uri: text,
        line: z.int().check(z.nonnegative()),
        start: z.int().check(z.nonnegative()),
        end: z.int().check(z.nonnegative()),
      }),
      result: noData,
    },
    /** Asks the user for a file name, and writes a PNG. */
    savePicture: { params: z.object({ id, png: bytes }), result: z.object({ saved: z.boolean() }) },
    tagWorkspace: { params: noData, result: noData },
  },
  /** The events of the page. */
  clientEvents: {
    /** The page receives messages now. */
    ready: noData,
    /** A bug in the page. */
    crash: z.object({ message: text, stack: text }),
  },
  /** The events of the panel. */
  serverEvents: {
    /** Images, tags or labels have changed. */
    changed: noData,
    /** The progress of the indexer; null when it is done. */
    indexing: z.nullable(z.object({ message: text, percent: z.number() })),
    show: destinationSchema,
  },
} as const;

export type GalleryProtocol = ProtocolOf<typeof galleryContract>;
export type GalleryMethod = MethodName<GalleryProtocol>;
export type GalleryParams<M extends GalleryMethod> = Params<GalleryProtocol, M>;
export type IndexingProgress = GalleryProtocol['serverEvents']['indexing'];
