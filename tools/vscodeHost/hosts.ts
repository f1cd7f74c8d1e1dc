import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** A version of VS Code that runs without a display: code-server, on the Node that it requires. */
export interface HostVersion {
  /** The version of VS Code inside code-server. */
  readonly vscode: string;
  readonly codeServer: string;
  readonly node: string;
  /** The folder that the host is installed in. */
  readonly folder: string;
}

export const hostVersions = {
  newest: {
    vscode: '1.139.1',
    codeServer: '4.139.1',
    node: '24.21.0',
    folder: process.env['ASSETLENS_VSCODE_HOST'] ?? path.join(root, '.vscode-host'),
  },
  /** The oldest VS Code that package.json allows, on the oldest Node that AssetLens supports. */
  oldest: {
    vscode: '1.108.1',
    codeServer: '4.108.1',
    node: '22.16.0',
    folder: process.env['ASSETLENS_OLDEST_VSCODE_HOST'] ?? path.join(root, '.vscode-host-oldest'),
  },
} as const satisfies Record<string, HostVersion>;

/** An installed host. */
export interface VscodeHost {
  /** The executable of Node that runs the server. */
  readonly node: string;
  /** The script of the server. */
  readonly entry: string;
}

/** @returns null where the version is not installed, or not completely */
export function findHost(version: HostVersion = hostVersions.newest): VscodeHost | null {
  if (!existsSync(stampOf(version))) return null;
  const modules = path.join(version.folder, 'node_modules');
  return {
    node: path.join(modules, nodePackage, 'bin/node'),
    entry: path.join(modules, 'code-server/out/node/entry.js'),
  };
}

/** The npm package of Node for this machine. */
export const nodePackage = `node-linux-${process.arch}`;

/** The file that marks a complete installation. */
export function stampOf({ folder, codeServer, node }: HostVersion): string {
  return path.join(folder, `.ok-${codeServer}-${node}-spdlog1`);
}
