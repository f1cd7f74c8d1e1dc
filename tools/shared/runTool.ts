import { UserError } from '../../src/clip/index.ts';

/** Runs a tool. An error for the user is printed without its stack, and the exit code is 1. */
export async function runTool(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
