import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { tagWorkspace } from './extension.ts';

async function invoke(name: string, input: object): Promise<string> {
  const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
  return content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
}

describe('Tools for language models', () => {
  before(tagWorkspace);

  it('search the images by their content', async () => {
    const answer = await invoke('assetlens_search_images', { query: 'camera', limit: 3 });
    const lines = answer.split('\n').filter((line) => line.startsWith('- '));
    assert.equal(lines.length, 3, answer);
    for (const line of lines) assert.match(line, /^- .+ \(\d+ %, \d+x\d+/);
  });

  it('describe an image by its relative path', async () => {
    const answer = await invoke('assetlens_describe_image', { path: 'web/icons/a.svg' });
    assert.match(answer, /web\/icons\/a\.svg: \d+x\d+ pixels, svg/);
    assert.match(answer, /Labels that apply: /);
    await assert.rejects(invoke('assetlens_describe_image', { path: 'none.png' }), /No indexed image has the path/);
  });

  it('accept images in a query', async () => {
    const answer = await invoke('assetlens_search_images', { query: '+web/icons/a.svg', limit: 2 });
    assert.match(answer, /^- web\/icons\/a\.svg \(\d+ %/m);
  });

  it('reject invalid input with a reason', async () => {
    await assert.rejects(invoke('assetlens_search_images', {}), /"query" must be a text/);
    await assert.rejects(
      invoke('assetlens_search_images', { query: 'cat', limit: 'many' }),
      /"limit" must be a number/,
    );
    await assert.rejects(invoke('assetlens_describe_image', {}), /"path" must be the path of an image/);
  });
});
