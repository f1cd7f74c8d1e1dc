import assert from 'node:assert/strict';
import { evaluateReport, type Report } from '../../vscode/report.ts';

const good: Report = { finished: true, failures: 0, tests: [{ title: 'works', state: 'passed' }], notes: [] };

describe('The verdict on the in-editor suite', () => {
  it('is good only when mocha ended, nothing failed, something ran, and VS Code ended well', () => {
    assert.equal(evaluateReport(good, 0).passed, true);
    assert.equal(evaluateReport(good, 1).passed, false);
    assert.equal(evaluateReport({ ...good, finished: false }, 0).passed, false, 'an aborted extension host ends with 0, too');
    assert.equal(evaluateReport({ ...good, failures: 1 }, 0).passed, false);
    assert.equal(evaluateReport({ ...good, tests: [] }, 0).passed, false, 'nothing matched');
    assert.equal(evaluateReport(null, 0).passed, false, 'the suite did not load');
  });

  it('says what failed, and during which test the extension host died', () => {
    const failed = evaluateReport({ ...good, tests: [{ title: 'breaks', state: 'failed', stack: 'Error: why' }] }, 1).lines.join(
      '\n',
    );
    assert.match(failed, /FAIL breaks[\s\S]+Error: why/);
    assert.match(evaluateReport({ ...good, finished: false, running: 'the bad one' }, 0).lines.join('\n'), /"the bad one"/);
  });
});
