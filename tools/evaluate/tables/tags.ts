import type { ReportTable } from '../../shared/modelCard.ts';
import type { EarlierEvaluation } from '../earlierEvaluation.ts';
import type { TagLevel, TagQuality } from '../tagQuality.ts';
import { beside, besideHead, oneDecimal } from './cells.ts';

const levelTitles: Readonly<Record<TagLevel['level'], string>> = {
  maybe: 'maybe (0.15)',
  shown: 'shown (0.3)',
  confident: 'confident (0.5)',
};

export function tagsTable(groups: readonly TagQuality[], earlier: EarlierEvaluation | null): ReportTable {
  const hasEarlier = earlier !== null;
  const figures = ['wrong', 'withWrong', 'withRight', 'without'] as const;
  const titles = {
    wrong: 'wrong tags',
    withWrong: 'pictures with a wrong tag',
    withRight: 'with a right one',
    without: 'without a tag',
  };
  return {
    title: 'tags',
    head: [
      ...['pictures', 'tags from', 'tags'],
      ...figures.flatMap((figure) => besideHead(hasEarlier, titles[figure])),
    ],
    rows: groups.flatMap(({ group, pictures, levels }) => {
      const before = earlier?.tags?.find((other) => other.group === group)?.levels;
      return levels.map((level) => {
        const levelBefore = before?.find((other) => other.level === level.level);
        return [
          `${group} (${pictures})`,
          levelTitles[level.level],
          level.tags,
          ...figures.flatMap((figure) => beside(hasEarlier, levelBefore?.[figure], level[figure], oneDecimal)),
        ];
      });
    }),
  };
}
