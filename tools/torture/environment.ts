import { mkdir } from 'node:fs/promises';
import path from 'node:path';

/** Variables that place everything that a command writes into a folder, and that undo those of the user. */
export async function isolatedEnvironment(folder: string): Promise<Record<string, string>> {
  const inside = (name: string): string => path.join(folder, name);
  for (const name of ['home', 'tmp']) await mkdir(inside(name), { recursive: true });
  return {
    ...{ HOME: inside('home'), TMPDIR: inside('tmp') },
    ...{ XDG_CACHE_HOME: inside('home/.cache'), XDG_DATA_HOME: inside('home/.local/share') },
    ...{ XDG_CONFIG_HOME: inside('home/.config'), XDG_STATE_HOME: inside('home/.local/state') },
    ...{ ASSETLENS_INDEXES: inside('indexes'), ASSETLENS_MODELS: inside('models'), HF_HOME: inside('cache') },
    ...{ HF_TOKEN: '', HF_HUB_OFFLINE: '', HF_HUB_CACHE: '', HUGGINGFACE_HUB_CACHE: '', HF_ENDPOINT: '' },
    ...{ http_proxy: '', https_proxy: '', HTTP_PROXY: '', HTTPS_PROXY: '', NO_COLOR: '1' },
  };
}
