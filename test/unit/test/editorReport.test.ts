import assert from 'node:assert/strict';
import { evaluateReport, type Report } from '../../vscode/report.ts';

const good: Report = { finished: true, failures: 0, tests: [{ title: 'works', state: 'passed' }], notes: [] };

describe('The report of the in-editor suite', () => {
  it('passes only if mocha finished, at least one test ran, none failed, and VS Code exited with 0', () => {
    assert.equal(evaluateReport(good, 0).passed, true);
    assert.equal(evaluateReport(good, 1).passed, false);
    assert.equal(
      evaluateReport({ ...good, finished: false }, 0).passed,
      false,
      'VS Code exits with 0 after an abort of the extension host, too',
    );
    assert.equal(evaluateReport({ ...good, failures: 1 }, 0).passed, false);
    assert.equal(evaluateReport({ ...good, tests: [] }, 0).passed, false, 'no test matched');
    assert.equal(evaluateReport(null, 0).passed, false, 'the suite did not load');
  });

  it('names the failed tests, and the test during which the extension host ended', () => {
    const failed = evaluateReport(
      { ...good, tests: [{ title: 'breaks', state: 'failed', stack: 'Error: why' }] },
      1,
    ).lines.join('\n');
    assert.match(failed, /FAIL breaks[\s\S]+Error: why/);
    assert.match(
      evaluateReport({ ...good, finished: false, running: 'the bad one' }, 0).lines.join('\n'),
      /"the bad one"/,
    );
  });
});
