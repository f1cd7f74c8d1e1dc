import type { ImageLook } from './look/imageLook.ts';

/** An image: a file that the inference process reads itself, or bytes where there is no such file. */
export type ImageSource =
  | {
      readonly kind: 'file';
      /** With the fragment of an image in a sheet, see base/imagePath.ts. */
      readonly path: string;
      /** The folder whose images a drawing may show by links. Default: it shows no linked image. */
      readonly folder?: string | undefined;
      /** The content of the file, if the caller has read it. The inference process does not read it again. */
      readonly content?: FileContent | undefined;
    }
  | { readonly kind: 'bytes'; readonly name: string; readonly bytes: Uint8Array };

/** The content of a file. */
export interface FileContent {
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes, in hex. */
  readonly hash: string;
}

/** An image whose content hash the caller may know already. */
export type KnownImage = ImageSource & {
  /**
   * SHA-256 of the image's bytes in hex, as the index has it. Where a thumbnail of this content exists, the file is not
   * read. The hash may be out of date: the thumbnail then shows the content that was indexed. Leave the hash out to get
   * the file as it is now. New thumbnails are stored under the hash of the bytes that were read, so a wrong hash never
   * leads to a wrong picture of another content.
   */
  readonly hash?: string | undefined;
};

/** The images that an SVG contains for other documents: symbols, shapes in definitions, glyphs, or views. */
export interface SheetContent {
  readonly fragments: readonly {
    /** See base/imagePath.ts. */
    readonly fragment: string;
    /** SHA-256 in hex of the image as an SVG of its own. It changes only when the image changes. */
    readonly hash: string;
  }[];
  /** Images that are left out, because there are too many. */
  readonly left: number;
  /** Whether the file shows something by itself, and is an image besides them. */
  readonly isDrawing: boolean;
}

/** The content of a file as a sheet. */
export interface HashedSheet {
  /** SHA-256 of the encoded bytes in hex. */
  readonly hash: string;
  /** Null where the file is no sheet. */
  readonly content: SheetContent | null;
}

/** The result of embedding one image. A bad image is an outcome and not an error, so that arrays stay aligned. */
export type ImageOutcome =
  | {
      readonly ok: true;
      /** SHA-256 of the encoded bytes that were decoded, in hex. */
      readonly hash: string;
      /** Pixels of the image as it is shown, after EXIF orientation. */
      readonly width: number;
      readonly height: number;
      /** Identifier of the format: "jpeg". */
      readonly format: string;
      /** Unit vector [embeddingSize]. */
      readonly embedding: Float32Array;
      readonly look: ImageLook;
      /** Set for a whole file that is a sheet. */
      readonly sheet?: SheetContent | undefined;
    }
  | {
      readonly ok: false;
      /** Null where the bytes could not be read at all. */
      readonly hash: string | null;
      /** Reason for the user. */
      readonly reason: string;
      /** Whether the same bytes are expected to fail again. False for files that could not be read, and for bugs. */
      readonly permanent: boolean;
      /** Set for a whole file that is a sheet. */
      readonly sheet?: SheetContent | undefined;
    };

/** The box that a thumbnail fits into, up to 2048 pixels a side, and the background it is shown on. */
export interface ThumbnailBox {
  /** Pixels of the screen. */
  readonly width: number;
  readonly height: number;
  /** Maximum number of encoded bytes. Default: 36 KB, which fit a data URI. */
  readonly bytes?: number | undefined;
  /**
   * `any` keeps transparency as it is. On `dark` and `light`, an image that would be invisible, such as a black icon in
   * a dark theme, gets a contrasting background.
   */
  readonly background: 'any' | 'dark' | 'light';
  /**
   * `cut`: the picture without its transparent margins fills the box and is centred in it, for icons of a few pixels;
   * `bytes` does not apply. Default: `keep`.
   */
  readonly margins?: 'keep' | 'cut' | undefined;
}

/** The box that the pixels of an image fit into, and the background they are shown on. */
export type ShownBox = Pick<ThumbnailBox, 'width' | 'height' | 'background'>;

/** A small picture of an image. */
export interface Thumbnail {
  /** WebP. */
  readonly bytes: Uint8Array;
  /** Pixels of the thumbnail. */
  readonly width: number;
  readonly height: number;
  /** The image itself: pixels as it is shown, and encoded bytes. */
  readonly image: { readonly width: number; readonly height: number; readonly format: string; readonly bytes: number };
}

/** The pixels of an image as it is shown, to paint over. */
export interface ShownPixels {
  /** [height, width, 4] RGBA, alpha not multiplied into the colours. */
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** EXIF metadata of an image. Null: the image does not have the value. */
export interface CameraDetails {
  readonly make: string | null;
  readonly model: string | null;
  readonly lens: string | null;
  /** ISO 8601 in the camera's local time, with an offset where it is known: 2024-05-01T12:30:00+02:00. */
  readonly takenAt: string | null;
  readonly exposureSeconds: number | null;
  /** The f-number. */
  readonly aperture: number | null;
  readonly iso: number | null;
  /** Millimetres. */
  readonly focalLength: number | null;
  readonly software: string | null;
  /** Whether the image has GPS coordinates. The coordinates themselves are not read. */
  readonly hasPlace: boolean;
}

/** Details of an image from its headers, without decoded pixels. */
export interface ImageDetails {
  /** Name of the format for users, detected from the content: "JPEG". */
  readonly format: string;
  /** Pixels of the image as it is shown, after EXIF orientation; the largest picture of an icon file. */
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly colours: 'rgb' | 'grey' | 'cmyk' | 'other';
  /** Bits a channel, or bits a pixel with a palette. Null where they are unknown or do not exist (SVG). */
  readonly bits: number | null;
  readonly palette: boolean;
  /**
   * Whether the image can be transparent: it has an alpha channel, or is a drawing. All pixels may be opaque all the
   * same.
   */
  readonly alpha: boolean;
  /** Frames of an animation, or pages of a TIFF; 1 for a still picture. */
  readonly frames: number;
  /** The frame of an animation that is shown, from 1: the one that shows most. 1 for a still picture. */
  readonly shownFrame: number;
  /** Duration of one loop of an animation, as written; null for all others. */
  readonly milliseconds: number | null;
  /** Pixels an inch; null or 72 where the image has no value. */
  readonly density: number | null;
  /** Name of the embedded colour profile. */
  readonly profile: string | null;
  /** EXIF orientation, 1 to 8; 1 is upright. */
  readonly orientation: number;
  /** Whether the image is stored from coarse to fine: progressive JPEG, interlaced PNG or GIF. */
  readonly progressive: boolean;
  readonly camera: CameraDetails | null;
  /** The pictures of an icon file, largest first; empty for all others. */
  readonly icons: readonly { readonly width: number; readonly height: number; readonly bits: number }[];
  /** Size attributes of an SVG, as written; null for all others. */
  readonly drawing: DrawingSize | null;
  /** Kinds of content of an SVG that AssetLens cannot draw; empty for all others. */
  readonly gaps: readonly DrawingGap[];
}

/** Size attributes of the root element of an SVG; null where it has none. */
export interface DrawingSize {
  readonly viewBox: string | null;
  readonly width: string | null;
  readonly height: string | null;
}

/**
 * A kind of content that AssetLens leaves out of a drawing: HTML, results of scripts, style sheets in other files,
 * style sheets that are damaged or too large, images that are missing, outside the workspace or of an unknown format,
 * and colours of resources of Android.
 */
export type DrawingGap = 'html' | 'scripts' | 'importedStyles' | 'styles' | 'images' | 'resourceColours';
