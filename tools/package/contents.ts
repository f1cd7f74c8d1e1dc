import yauzl from 'yauzl';
import { binaryPlatform, HEADER_BYTES } from './binaries.ts';

/** A file in a VSIX. */
export interface Entry {
  /** The path in the extension's folder. */
  readonly path: string;
  /** The uncompressed size in bytes. */
  readonly size: number;
  /** The platform of a native binary; null for other files. */
  readonly platform: string | null;
}

/** The extension's files in a VSIX, and the texts of its manifest and notices. */
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
    const isText = path === MANIFEST || path === NOTICES;
    const bytes = await readStart(zip, entry, isText ? entry.uncompressedSize : HEADER_BYTES);
    if (isText) texts.set(path, bytes.toString());
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

/** The files that the extension needs, technically or legally. vsce renames some of them. */
const REQUIRED = [
  'package.json',
  'package.nls.json',
  'readme.md',
  'changelog.md',
  'LICENSE.txt',
  'docs/command-line.md',
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
  /^node_modules\/@resvg\/resvg-js\/index\.js$/,
  /^node_modules\/@resvg\/resvg-js-[^/]+\/resvgjs\.[^/]+\.node$/,
];

/** Files that must not be in a VSIX. */
const FORBIDDEN = [
  /\.map$/,
  /\.ts$/,
  /\.safetensors$/,
  /^(src|test|tools|build|docs\/design)\//,
  /linuxmusl/,
  /^dist\/(cli|commandLine)\.js$/,
];

/** Checks a VSIX for `target`. @returns a message for each fault */
export function faultsOf(target: string, { entries, manifest, notices }: Contents): string[] {
  const paths = new Set(entries.map(({ path }) => path));
  const faults: string[] = [];
  for (const wanted of [...REQUIRED, ...referredFiles(manifest)]) {
    const isThere = typeof wanted === 'string' ? paths.has(wanted) : [...paths].some((path) => wanted.test(path));
    if (!isThere) faults.push(`missing: ${String(wanted)}`);
  }
  for (const { path, size, platform } of entries) {
    if (platform !== null && platform !== target) faults.push(`${path} is a binary for ${platform}`);
    if (FORBIDDEN.some((pattern) => pattern.test(path))) faults.push(`unexpected: ${path}`);
    if (size === 0) faults.push(`${path} is empty`);
  }
  if (!entries.some(({ platform }) => platform === target)) faults.push(`there is no binary for ${target}`);
  for (const name of packagesOf(paths)) {
    if (!notices.includes(`\n${name} `)) faults.push(`${NOTICES} has no entry for ${name}`);
  }
  return faults;
}

/** The files that the manifest refers to: icons, walkthrough media and translations. */
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

/** The names of the npm packages in node_modules. */
function packagesOf(paths: ReadonlySet<string>): Set<string> {
  const names = [...paths].map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}
