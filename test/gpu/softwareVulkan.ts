import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where packages of Chromium put SwiftShader, a Vulkan driver that computes on the processor, with a Vulkan loader beside it. */
const FOLDERS = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/usr/lib64/chromium-browser', '/opt/google/chrome'];

/**
 * What a process has to find in its environment in order to get that driver, and no other. Null where it is not to be had: then
 * `npm run gpu` needs Debian's chromium.
 */
export function softwareVulkan(): Readonly<Record<string, string>> | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const folder = FOLDERS.find((place) =>
    ['vk_swiftshader_icd.json', 'libvulkan.so.1'].every((file) => existsSync(path.join(place, file))),
  );
  if (folder === undefined) return null;
  const driver = path.join(folder, 'vk_swiftshader_icd.json');
  const libraries = [folder, process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':');
  return { VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: libraries };
}
