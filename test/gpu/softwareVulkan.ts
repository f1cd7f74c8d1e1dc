import { existsSync } from 'node:fs';
import path from 'node:path';

/** The folders in which Chromium packages install SwiftShader, a Vulkan driver for the CPU, and a Vulkan loader. */
const FOLDERS = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/usr/lib64/chromium-browser', '/opt/google/chrome'];

/**
 * The environment variables that make a process use this driver and no other. Null if the driver is not installed:
 * install Debian's package chromium to run `npm run gpu`.
 */
export function softwareVulkan(): Readonly<Record<string, string>> | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const folder = FOLDERS.find((candidate) =>
    ['vk_swiftshader_icd.json', 'libvulkan.so.1'].every((file) => existsSync(path.join(candidate, file))),
  );
  if (folder === undefined) return null;
  const driver = path.join(folder, 'vk_swiftshader_icd.json');
  const libraries = [folder, process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':');
  return { VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: libraries };
}
