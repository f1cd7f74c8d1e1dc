/** Downloads one file in another process. download.test.ts starts it with the environment of a user. */
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
