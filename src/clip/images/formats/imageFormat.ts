import type { DecodeLimits } from '../limits.ts';
import type { LinkedFiles } from '../linkedFiles.ts';
import type { Raster } from '../raster.ts';
import type { ImageDetails } from '../types.ts';
import type { SvgDocument } from './svg/document.ts';

/** An encoded image and the name of its file. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The images that a drawing may show by links. Default: none. */
  readonly links?: LinkedFiles | undefined;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The details of an image that its headers contain. */
export type HeaderInfo = Omit<ImageDetails, 'format' | 'width' | 'height' | 'bytes'>;

export interface OpenOptions {
  /** The requested size of the longer side in pixels. A file with several pictures opens the one that fits best. */
  readonly size: number;
  readonly limits: DecodeLimits;
}

/** An image in the form that its decoder needs. */
export type ImageContent = EncodedContent | RasterContent | DrawingContent;

/** The properties of an encoded image that determine the memory of its decoder. */
export interface PixelHeader extends Size {
  readonly channels: number;
  /** Bytes of a channel of a decoded pixel. */
  readonly bytesPerChannel: number;
  /** Bits of a channel in the file. */
  readonly bits: number;
  /** "4:2:0"; null if the format has none. */
  readonly chromaSubsampling: string | null;
  /** Whether the image is stored from coarse to fine. */
  readonly isProgressive: boolean;
  readonly hasAlpha: boolean;
  readonly frames: number;
}

/**
 * An encoded image that is made from the file for each use, so that it is in memory only while the decoder's memory is
 * reserved.
 */
export interface PackedBytes {
  /** Bytes of the encoded image, at most. */
  readonly length: number;
  /** Bytes that unpacking holds, in addition. */
  readonly memory: number;
  /** @throws UserError where the file is damaged, or the image is longer */
  unpack(): Uint8Array | Promise<Uint8Array>;
}

/** A file that sharp decodes: the whole file, one that is embedded in it, or one that it is converted to. */
export interface EncodedContent {
  readonly kind: 'encoded';
  readonly bytes: Uint8Array | PackedBytes;
  /** Size to report. Default: the size of the opened picture. */
  readonly shown?: Size;
  /** Whether a warning of the decoder is an error, and not only a truncated file. Default: false. */
  readonly strict?: boolean;
  /** Whether the colours of transparent pixels are mixed with white. Default: false. */
  readonly onWhite?: boolean;
  /** Whether several pictures in it are the frames of an animation, and not pages. Default: false. */
  readonly isAnimation?: boolean;
  /** The first frames of an animation that sharp does not read. Default: none. */
  readonly framesOf?: (limit: number) => readonly FramePart[];
  /** Details that sharp does not read. Default: none. */
  readonly details?: Partial<HeaderInfo>;
  /**
   * Estimates the bytes that the decoder holds of the whole image. Default: none, because it decodes row by row.
   * @param reduces whether the decoder may reduce the image while it decodes
   */
  readonly wholeBytes?: ((header: PixelHeader, reduces: boolean) => number) | undefined;
  /**
   * Decodes a small image on the JavaScript thread, in less time than sharp needs to start. Default: sharp decodes it.
   * @returns null where sharp has to decode it
   */
  readonly decodeSmall?: () => Raster | null;
}

/** A frame of an animation as a file of its own, and how it changes the canvas. */
export interface FramePart extends Size {
  readonly bytes: () => Uint8Array;
  readonly left: number;
  readonly top: number;
  /** How it is combined with the canvas: it replaces its part, or is drawn over it. */
  readonly blend: 'source' | 'over';
  /** The change of its part of the canvas before the next frame. */
  readonly dispose: 'none' | 'background' | 'previous';
}

/** Pixels that the format itself decodes, upright, on the JavaScript thread. */
export interface RasterContent extends Size {
  readonly kind: 'raster';
  /** Size to report. Default: the size of the opened picture. */
  readonly shown?: Size;
  /** Default: none. */
  readonly details?: Partial<HeaderInfo>;
  /** Bytes that decoding holds besides the file and the raster. Default: 0. */
  readonly wholeBytes?: number;
  /** Called in the decode queue, after the size is checked against the limits. */
  decode(): Raster | Promise<Raster>;
}

/** A drawing that resvg or librsvg draws at any size. */
export interface DrawingContent {
  readonly kind: 'drawing';
  readonly document: SvgDocument;
}

/**
 * The descriptor of one image format. A descriptor does not import a decoder statically, because the editor and the
 * library import the list of formats for its extensions and must not load sharp or another large library. Import such a
 * library with import() in open() or decode().
 */
export interface ImageFormat {
  /** Identifier in the index and in tag files, e.g. "jpeg". */
  readonly id: string;
  /** Name for users, e.g. "JPEG". */
  readonly name: string;
  /** Lower case, without a dot. Several formats may share an extension. */
  readonly extensions: readonly string[];
  /** Files without an extension of their own. Those that `sniff` does not recognise are no images. Default: none. */
  readonly files?: {
    /** Includes them in a scan. */
    readonly glob: string;
    /** @param file path with '/' */
    readonly isAmong: (file: string) => boolean;
    /** For the documents. */
    readonly description: string;
  };
  /** Whether most images of this format are photographs. Default: false. */
  readonly isPhotographic?: boolean;
  /**
   * Whether a file is of this format, by its first bytes. The name decides only where the format has no signature,
   * because many files are misnamed. True for one format at most.
   */
  sniff(file: Buffer, name: string): boolean;
  /** @throws UserError where the file is damaged or of a variant that is not supported */
  open(file: Buffer, options: OpenOptions): ImageContent | Promise<ImageContent>;
  /** Default: the metadata that sharp reads from an encoded image, or the attributes of the root of a drawing. */
  details?(file: Buffer): Partial<HeaderInfo> | Promise<Partial<HeaderInfo>>;
  /**
   * Whether a file that failed to decode ends too early.
   * @param message the decoder's error message
   */
  isTruncated(file: Buffer, message: string): boolean;
  /** The reason to show for an error message of the decoder. Default: "damaged" and the name of the format. */
  errorReason?(message: string): string | undefined;
}
