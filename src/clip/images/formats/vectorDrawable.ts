import type { ImageFormat } from './imageFormat.ts';
import { drawableDocument } from './svg/document.ts';
import { hasVectorEnd, hasVectorRoot } from './vectorDrawable/root.ts';

export const vectorDrawable: ImageFormat = {
  id: 'vectordrawable',
  name: 'Android VectorDrawable',
  extensions: [], // most XML files are no pictures
  files: {
    glob: '**/drawable*/*.xml',
    isAmong: (file) => /(?:^|\/)drawable[^/]*\/[^/]+\.xml$/i.test(file),
    description: 'xml in drawable folders',
  },
  sniff: hasVectorRoot,
  async open(file) {
    const { svgOfDrawable } = await import('./vectorDrawable/svgOfDrawable.ts');
    const { svg, hasUnknownColours } = svgOfDrawable(file.toString());
    const document = await drawableDocument(Buffer.from(svg));
    const unknown = hasUnknownColours ? (['resourceColours'] as const) : [];
    return { kind: 'drawing', document: { ...document, gaps: [...document.gaps, ...unknown] } };
  },
  isTruncated: (file) => !hasVectorEnd(file),
};
