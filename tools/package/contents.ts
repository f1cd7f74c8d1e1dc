import yauzl from 'yauzl';
import { binaryPlatform, HEADER_BYTES } from './binaries.ts';

/** A file of a VSIX. */
export interface Entry {
  /** Path below the extension's own folder. */
  readonly path: string;
  /** Bytes, unpacked. */
  readonly size: number;
  /** What a native binary is for; null for all other files. */
  readonly platform: string | null;
}

/** The extension's files in a VSIX, and its manifest and notices as text. */
export interface Contents {
  readonly entries: readonly Entry[];
  readonly manifest: string;
  readonly notices: string;
}

const ROOT = 'extension/';
const MANIFEST = 'package.json';
const NOTICES = 'ThirdPartyNotices.txt';

export async function readVsix(file: string): Promise<Contents> {
  const zip = await yauzl.openPromise(file);
  const entries: Entry[] = [];
  const texts = new Map<string, string>();
  for await (const entry of zip.eachEntry()) {
    if (!entry.fileName.startsWith(ROOT) || entry.fileName.endsWith('/')) continue;
    const path = entry.fileName.slice(ROOT.length);
    const whole = path === MANIFEST || path === NOTICES;
    const bytes = await readStart(zip, entry, whole ? entry.uncompressedSize : HEADER_BYTES);
    if (whole) texts.set(path, bytes.toString());
    entries.push({ path, size: entry.uncompressedSize, platform: binaryPlatform(bytes) });
  }
  return { entries, manifest: texts.get(MANIFEST) ?? '{}', notices: texts.get(NOTICES) ?? '' };
}

async function readStart(zip: yauzl.ZipFile, entry: yauzl.Entry, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size >= length) break;
  }
  return Buffer.concat(chunks).subarray(0, length);
}

/** Files without which the extension does not start, does not work, or may not be passed on; vsce gives some a new name. */
const REQUIRED = [
  'package.json',
  'package.nls.json',
  'readme.md',
  'changelog.md',
  'LICENSE.txt',
  NOTICES,
  'dist/extension.cjs',
  'dist/library.js',
  'dist/clip.js',
  'dist/inference.js',
  'dist/webview/page.js',
  'dist/webview/style.css',
  'dist/webview/codicon.css',
  'dist/webview/codicon.ttf',
  'dist/probe.js',
  'models/labels/default.yaml',
  /^dist\/models\/[^/]+\/manifest\.json$/,
  /^dist\/models\/[^/]+\/visual\.onnx$/,
  /^dist\/models\/[^/]+\/textual\.onnx$/,
  /^dist\/models\/[^/]+\/tokenizer\.json$/,
  /^models\/[^/]+\/ATTRIBUTIONS\.md$/,
  /^node_modules\/onnxruntime-node\/bin\/.+\/onnxruntime_binding\.node$/,
  /^node_modules\/onnxruntime-node\/bin\/.+\/(libonnxruntime\.(so\.1|1\.dylib)|onnxruntime\.dll)$/,
  /^node_modules\/onnxruntime-common\/dist\/cjs\/index\.js$/,
  /^node_modules\/sharp\/dist\//,
  /^node_modules\/@img\/sharp-[^/]+\/lib\/sharp-[^/]+\.node$/,
  /^node_modules\/@img\/.+\/libvips-cpp[^/]*$/,
];

/** What has no business in a VSIX. */
const FORBIDDEN = [
  /\.map$/,
  /\.ts$/,
  /\.safetensors$/,
  /^(src|test|scripts|bench|build)\//,
  /linuxmusl/,
  /^dist\/cli\.js$/,
];

/** Everything that is wrong with a VSIX for `target`, as lines for people; empty when it is sound. */
export function faultsOf(target: string, { entries, manifest, notices }: Contents): string[] {
  const paths = new Set(entries.map(({ path }) => path));
  const faults: string[] = [];
  for (const wanted of [...REQUIRED, ...referredFiles(manifest)]) {
    const there = typeof wanted === 'string' ? paths.has(wanted) : [...paths].some((path) => wanted.test(path));
    if (!there) faults.push(`it lacks ${String(wanted)}`);
  }
  for (const { path, size, platform } of entries) {
    if (platform !== null && platform !== target) faults.push(`${path} is a binary for ${platform}`);
    if (FORBIDDEN.some((pattern) => pattern.test(path))) faults.push(`${path} does not belong there`);
    if (size === 0) faults.push(`${path} is empty`);
  }
  if (!entries.some(({ platform }) => platform === target)) faults.push(`it holds no binary for ${target}`);
  for (const name of packagesOf(paths)) {
    if (!notices.includes(`\n${name} `)) faults.push(`${NOTICES} does not name ${name}`);
  }
  return faults;
}

/** Files of the extension that its manifest refers to: icons, walkthrough media, translations. */
function referredFiles(manifest: string): (string | RegExp)[] {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value === 'string' && /^(\.\/)?(media|dist)\/[^*{}]+\.\w+$/.test(value))
      found.add(value.replace('./', ''));
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  const parsed = JSON.parse(manifest) as { l10n?: string };
  visit(parsed);
  return [...found, ...(parsed.l10n === undefined ? [] : [/^l10n\/bundle\.l10n.*\.json$/])];
}

/** Names of the npm packages that the paths belong to. */
function packagesOf(paths: ReadonlySet<string>): Set<string> {
  const names = [...paths].map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}
