import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { assertWeightFiles } from '../../../../src/clip/models/assertGraph.ts';
import { temporaryFolder } from '../../library/temporaryFolder.ts';

/** A field of a protobuf message. */
function field(number: number, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}

/** An ONNX model with one constant, whose values are in another file. */
function graphWithWeightsIn(file: string): string {
  const entry = Buffer.concat([field(1, 'location'), field(2, file)]);
  const tensor = Buffer.concat([field(8, 'weights'), field(13, entry), Buffer.from([0x70, 1])]);
  return Buffer.concat([Buffer.from([0x08, 8]), field(7, field(5, tensor))]).toString('latin1');
}

describe('The weights of a graph', () => {
  const write = async (graph: string) =>
    temporaryFolder({ 'onnx/model.onnx': Buffer.from(graph, 'latin1').toString() });

  it('are in the folder of the model', async () => {
    await using folder = await write(graphWithWeightsIn('weights.bin'));
    await folder.write({ 'onnx/weights.bin': 'x' });
    await assertWeightFiles(folder.path, 'onnx/model.onnx');
  });

  it('are refused outside of it, whatever the graph names', async () => {
    for (const outside of ['../../secret', '/etc/passwd', 'a/../../../secret', 'C:\\secret', '..']) {
      await using folder = await write(graphWithWeightsIn(outside));
      await assert.rejects(
        assertWeightFiles(folder.path, 'onnx/model.onnx'),
        /names a file outside its folder/,
        outside,
      );
    }
  });

  it('are refused behind a link that leads outside, and where they are no file', async function () {
    if (process.platform === 'win32') this.skip();
    await using secret = await temporaryFolder({ secret: 'x' });
    for (const target of [secret.at('secret'), '/dev/zero']) {
      await using folder = await write(graphWithWeightsIn('weights.bin'));
      await symlink(target, folder.at('onnx/weights.bin'));
      await assert.rejects(assertWeightFiles(folder.path, 'onnx/model.onnx'), /Do not use this model/, target);
    }
  });
});
