#!/usr/bin/env node
/**
 * The entry point of the command line. It checks the version of Node before it loads modules that an old Node lacks.
 */
import { isSupportedNode, OLDEST_NODE } from './nodeVersion.ts';

if (isSupportedNode(process.version)) {
  await import('../cli.ts');
} else {
  process.stderr.write(
    `assetlens: this needs Node ${OLDEST_NODE} or later, but runs on ${process.version}. npm scripts bring their own: npm run tag -- …\n`,
  );
  process.exitCode = 1;
}
