/**
 * `npm run package [-- --target <platform>|all] [--out <folder>]`: packs a VSIX per platform with only the binaries of
 * that platform, and checks its files. Of the network, it needs only the npm registry.
 */
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';
import { fileSize } from '../src/base/format.ts';
import manifest from '../package.json' with { type: 'json' };
import { faultsOf, readVsix } from './package/contents.ts';
import { stage } from './package/stage.ts';
import { chooseTargets, type Target } from './package/targets.ts';

const root = path.resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: { target: { type: 'string' }, out: { type: 'string', default: path.join(root, 'build/vsix') } },
});

await mkdir(values.out, { recursive: true });
let valid = true;
for (const target of chooseTargets(values.target)) valid = (await build(target)) && valid;
if (!valid) process.exitCode = 1;

/** @returns whether the VSIX has all required files and no others */
async function build(target: Target): Promise<boolean> {
  const folder = path.join(root, 'build/package', target.name);
  await stage(root, folder, target);
  const file = path.join(values.out, `${manifest.name}-${manifest.version}-${target.name}.vsix`);
  await createVSIX({
    cwd: folder,
    packagePath: file,
    target: target.name,
    // There is no public repository to link to.
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  const contents = await readVsix(file);
  const faults = faultsOf(target.name, contents);
  const unpacked = contents.entries.reduce((sum, { size }) => sum + size, 0);
  console.log(
    `${target.name}: ${path.relative(process.cwd(), file)}, ${fileSize((await stat(file)).size)} ` +
      `(${contents.entries.length} files, ${fileSize(unpacked)} unpacked)`,
  );
  for (const fault of faults) console.error(`  ${target.name}: ${fault}`);
  return faults.length === 0;
}
