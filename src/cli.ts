#!/usr/bin/env node
/**
 * The entry point of the command line. It checks the version of Node before it loads modules that an old Node lacks.
 */
import { isSupportedNode, OLDEST_NODE } from './cli/nodeVersion.ts';

if (isSupportedNode(process.version)) {
  await import('./cli/main.ts');
} else {
  process.stderr.write(
    `assetlens: Node ${OLDEST_NODE} or later is required, but this is ${process.version}. Update Node, or use the npm scripts, which include a suitable Node: npm run tag -- …\n`,
  );
  process.exitCode = 1;
}
