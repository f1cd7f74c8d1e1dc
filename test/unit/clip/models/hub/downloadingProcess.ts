/** Downloads one file as a second AssetLens process does. download.test.ts starts it. */
import { downloadFiles } from '../../../../../src/clip/models/hub/download.ts';
import { openRepository } from '../../../../../src/clip/models/hub/repository.ts';
import { hubSettings } from '../../../../../src/clip/models/hub/settings.ts';

const settings = hubSettings();
const repository = await openRepository(settings, 'owner/model', 'main');
await downloadFiles(settings, repository, ['model.bin'], {
  confirm: () => Promise.resolve(true),
  onProgress: ({ waiting }) => process.send?.(waiting ? 'waiting' : 'downloading'),
});
process.disconnect();
