import * as z from 'zod/mini';
import { arrangementSchema, HEATMAP_KINDS } from '../../protocol.ts';

export const COLOUR_MAPS = ['viridis', 'cividis', 'inferno'] as const;
/** The checkerboard behind transparency: light, dark, or as the theme. */
export const BACKGROUNDS = ['auto', 'light', 'dark'] as const;

const uri = z.string();

/** The state that the page keeps in the editor while it is hidden, and over a reload of the window. */
export const savedStateSchema = z.object({
  version: z.literal(1),
  arrangement: arrangementSchema,
  tileSize: z.number(),
  filtersOpen: z.boolean(),
  /** The image in the detail pane. By its URI, because ids end with the panel. */
  detail: z.nullable(z.object({ uri })),
  /** The focused image if it is in view, else the first one in view, and the pixels from the upper edge to its row. */
  anchor: z.nullable(z.object({ uri, offset: z.number() })),
  heatmap: z.object({
    on: z.boolean(),
    method: z.enum(HEATMAP_KINDS),
    colours: z.enum(COLOUR_MAPS),
    opacity: z.number(),
    cells: z.boolean(),
    relative: z.boolean(),
    sideBySide: z.boolean(),
  }),
  background: z.enum(BACKGROUNDS),
  /** Position of the border of the detail pane, in percent. */
  split: z.number(),
});
export type SavedState = z.infer<typeof savedStateSchema>;
export type HeatmapSettings = SavedState['heatmap'];
