import { mean } from '../../shared/statistics.ts';
import type { Accuracy } from '../zeroShot.ts';

export function meanAccuracy(all: readonly Accuracy[]): Accuracy {
  return { top1: mean(all.map(({ top1 }) => top1)), top5: mean(all.map(({ top5 }) => top5)) };
}

/** Top-1 and top-5. */
export function pair({ top1, top5 }: Accuracy, digits = 1): string {
  return Number.isNaN(top1) ? '–' : `${top1.toFixed(digits)} / ${top5.toFixed(digits)}`;
}

export function oneDecimal(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(1);
}

export function whole(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(0);
}

export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
}

/**
 * The cell of the earlier model before that of this one, where there is an earlier one.
 * @param earlier undefined where the earlier evaluation lacks the figure
 */
export function beside<T>(
  hasEarlier: boolean,
  earlier: T | null | undefined,
  now: T,
  cell: (value: T) => string,
): string[] {
  return [...(hasEarlier ? [earlier === null || earlier === undefined ? '–' : cell(earlier)] : []), cell(now)];
}

/**
 * The head of the cells of beside.
 * @param figure the figure in a table of several figures
 */
export function besideHead(hasEarlier: boolean, figure?: string): string[] {
  const [before, now] = figure === undefined ? ['earlier model', 'this model'] : [`${figure}: earlier model`, figure];
  return hasEarlier ? [before, now] : [now];
}
