import { libraryTargets } from './libraryTargets.ts';
import { messageTargets } from './messageTargets.ts';
import type { FuzzTarget } from './target.ts';
import { textTargets } from './textTargets.ts';

export const fuzzTargets: readonly FuzzTarget[] = [...libraryTargets, ...textTargets, ...messageTargets];
