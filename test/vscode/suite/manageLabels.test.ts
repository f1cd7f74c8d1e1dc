import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { LabelsStore, undoChange } from '../../../src/providers/manageLabels/labelsStore.ts';
import { withLabel, withoutLabel } from '../../../src/providers/manageLabels/labelsSetting.ts';
import { services, tagWorkspace, workspaceFolder } from './extension.ts';
import { note } from './notes.ts';
import { imageFolder, tagsWhere } from './services.ts';

const PIZZA = 'docs/Übersicht 図/6.png';

describe('Managing labels', () => {
  before(tagWorkspace);
  after(() => setLabels(undefined));

  it('copies the default labels into the setting at the first change, and tags again', async () => {
    const store = new LabelsStore(await services());
    const folder = await imageFolder();
    const before = await folder.labelSets();
    assert.ok(!hasTag(await folder.tags(), PIZZA, 'pizza'));

    const label = { name: 'pizza', synonyms: ['slice of pizza'], threshold: 0.2 };
    const changing = store.change(folder, 'Object', 'Added label pizza', (value) => withLabel(value, 'Object', label));
    const changed = await untilDone(changing, async () => {
      // Answers the question where to keep labels with the first item, the workspace.
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    });
    assert.equal(changed, true);

    const start = performance.now();
    const tags = await tagsWhere('a pizza is tagged as such', (now) => hasTag(now, PIZZA, 'pizza'));
    note(`re-tagging ${tags.images.length} images with a new label: ${(performance.now() - start).toFixed(0)} ms`);
    const after = await folder.labelSets();
    const names = (sets: typeof before) => sets.map(({ name, labels }) => [name, labels.map((member) => member.name)]);
    const expected = before.map((set) => (set.name === 'Object' ? { ...set, labels: [...set.labels, label] } : set));
    assert.deepEqual(names(after), names(expected));
    const written = JSON.stringify(settings().workspaceValue);
    assert.ok(written.includes('"cloud","moon"')); // plain names stay plain
    assert.ok(written.includes(JSON.stringify(label)));
    assert.equal(settings().globalValue, undefined);
  });

  it('changes the settings that contain the labels, without asking again', async () => {
    const store = new LabelsStore(await services());
    const folder = await imageFolder();
    await setLabels(['pizza', 'camera']);
    await tagsWhere('there are two labels', ({ images }) =>
      images.every(({ tags }) => tags.every(({ label }) => ['pizza', 'camera'].includes(label))),
    );
    assert.equal(await store.change(folder, '', 'Removed label pizza', (value) => withoutLabel(value, 'pizza')), true);
    assert.deepEqual(settings().workspaceValue, ['camera']);
    await assert.rejects(
      store.change(folder, '', 'Removed label camera', (value) => withoutLabel(value, 'camera')),
      /the last label/,
    );
    assert.deepEqual(settings().workspaceValue, ['camera']);
  });

  it('reports the mistakes in the setting, and reads the labels again when they are corrected', async () => {
    const folder = await imageFolder();
    await setLabels(['camera', { nam: 'dog' }]);
    await until('the mistake is named', async () => {
      const error = await folder.labelSets().then(
        () => undefined,
        (reason: unknown) => String(reason),
      );
      return error?.includes('unknown property "nam"; did you mean "name"?') ?? false;
    });
    await setLabels(['camera']);
    await tagsWhere('cameras are tagged again', (tags) => hasTag(tags, 'web/icons/a.svg', 'camera'));
  });

  it('undoes a change, and refuses to if the setting has changed since', async () => {
    const folder = await imageFolder();
    const { Workspace } = vscode.ConfigurationTarget;
    const change = { target: Workspace, before: ['camera'], after: ['camera', { name: 'cat', synonyms: ['kitten'] }] };
    await setLabels(change.after);
    await undoChange(folder, change);
    assert.deepEqual(settings().workspaceValue, ['camera']);

    const later = [...change.after, 'dog'];
    await setLabels(later);
    await assert.rejects(undoChange(folder, change), /The labels changed after this edit/);
    assert.deepEqual(settings().workspaceValue, later);
    await setLabels(undefined);
    await assert.rejects(undoChange(folder, change), /The labels changed after this edit/);
    assert.equal(settings().workspaceValue, undefined);
  });

  it('undoes a change by the button of its message', async () => {
    const store = new LabelsStore(await services());
    await setLabels(['pizza', 'camera']);
    await store.change(await imageFolder(), '', 'Removed label pizza', (value) => withoutLabel(value, 'pizza'));
    assert.deepEqual(settings().workspaceValue, ['camera']);
    await until('it is undone', async () => {
      await vscode.commands.executeCommand('notification.acceptPrimaryAction');
      return JSON.stringify(settings().workspaceValue) === '["pizza","camera"]';
    });
  });

  it('shows the list of labels with the number of images of each, until it is closed', async () => {
    await setLabels(['camera', 'pizza']);
    const { images } = await tagsWhere('cameras are tagged', (tags) => hasTag(tags, 'web/icons/a.svg', 'camera'));
    const cameras = images.filter(({ tags }) => tags.some(({ label }) => label === 'camera')).length;
    const picks = recordQuickPicks();
    try {
      const left = vscode.commands.executeCommand('assetlens.manageLabels');
      await until('the labels are listed', () => Promise.resolve((picks.shown[0]?.items.length ?? 0) > 0));
      const lines = picks.shown[0]?.items.map(({ label, description }) => [label, description]) ?? [];
      assert.deepEqual(
        lines.filter(([label]) => label === 'camera' || label === 'pizza').map(([label]) => label),
        ['camera', 'pizza'],
      );
      const description = lines.find(([label]) => label === 'camera')?.[1];
      assert.equal(description, cameras === 1 ? 'matches 1 image' : `matches ${cameras} images`);
      assert.ok(lines.some(([label]) => label?.startsWith('Templates of')));
      await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      await left;
      assert.equal(picks.shown.length, 1);
    } finally {
      picks.dispose();
    }
  });
});

/** Records the lists that are shown from now on. The extension and its tests share the API of the editor. */
function recordQuickPicks(): {
  readonly shown: vscode.QuickPick<vscode.QuickPickItem>[];
  readonly dispose: () => void;
} {
  const { createQuickPick } = vscode.window;
  const shown: vscode.QuickPick<vscode.QuickPickItem>[] = [];
  const put = (value: typeof createQuickPick): void => {
    Object.defineProperty(vscode.window, 'createQuickPick', { value, configurable: true, writable: true });
  };
  put(<T extends vscode.QuickPickItem>() => {
    const pick = createQuickPick<T>();
    shown.push(pick);
    return pick;
  });
  return {
    shown,
    dispose: () => {
      put(createQuickPick);
    },
  };
}

function hasTag(
  tags: Awaited<ReturnType<Awaited<ReturnType<typeof imageFolder>>['tags']>>,
  path: string,
  label: string,
): boolean {
  return tags.byPath.get(path)?.tags.some((tag) => tag.label === label) ?? false;
}

function settings(): { workspaceValue?: unknown; globalValue?: unknown } {
  return vscode.workspace.getConfiguration('assetlens', workspaceFolder().uri).inspect('labels') ?? {};
}

async function setLabels(value: unknown): Promise<void> {
  const section = vscode.workspace.getConfiguration('assetlens', workspaceFolder().uri);
  await section.update('labels', value, vscode.ConfigurationTarget.Workspace);
}

/** Repeats an action until a promise is fulfilled. */
async function untilDone<T>(promise: Promise<T>, again: () => Promise<void>): Promise<T> {
  for (;;) {
    await again();
    const outcome = await Promise.race([promise.then((value) => ({ value })), sleep(100)]);
    if (outcome) return outcome.value;
  }
}

/** Waits for a condition. The time limit is generous, because the machine may be busy. */
async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await look());) {
    assert.ok(Date.now() < end, `timed out: ${what}`);
    await sleep(100);
  }
}
