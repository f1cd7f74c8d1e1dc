import assert from 'node:assert/strict';
import { isSupportedNode } from '../../../src/cli/nodeVersion.ts';

describe('The command line', () => {
  it('runs on Node 22.16 and later', () => {
    for (const version of ['v22.16.0', 'v22.22.3', 'v23.0.0', 'v24.21.0', 'v100.1.0']) {
      assert.equal(isSupportedNode(version), true, version);
    }
    for (const version of ['v22.15.1', 'v22.9.0', 'v20.20.2', 'v18.99.0']) {
      assert.equal(isSupportedNode(version), false, version);
    }
  });
});
