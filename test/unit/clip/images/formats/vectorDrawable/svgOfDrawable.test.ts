import assert from 'node:assert/strict';
import { svgOfDrawable } from '../../../../../../src/clip/images/formats/vectorDrawable/svgOfDrawable.ts';

const NAMESPACES =
  'xmlns:android="http://schemas.android.com/apk/res/android" xmlns:aapt="http://schemas.android.com/aapt"';
const SIZE = 'android:width="24dp" android:height="24dp" android:viewportWidth="48" android:viewportHeight="48"';
const vector = (body: string, attributes = SIZE): string => `<vector ${NAMESPACES} ${attributes}>${body}</vector>`;
const path = (attributes: string, body = ''): string =>
  `<path android:pathData="M0,0h48v48z" ${attributes}>${body}</path>`;

describe('An Android VectorDrawable as SVG', () => {
  it('has its size and its viewport', () => {
    const { svg, hasUnknownColours } = svgOfDrawable(vector(path('android:fillColor="#F00"')));
    assert.match(svg, /^<svg [^>]*width="24" height="24" viewBox="0 0 48 48"/);
    assert.match(svg, /<path d="M0,0h48v48z" fill="#ff0000" fill-opacity="1"/);
    assert.equal(hasUnknownColours, false);
  });

  it('has colours with opacity, strokes and the rule of filling', () => {
    const { svg } = svgOfDrawable(
      vector(
        path(
          'android:fillColor="#80102030" android:fillAlpha="0.5" android:fillType="evenOdd" android:strokeColor="#abc" ' +
            'android:strokeWidth="2" android:strokeLineCap="round" android:strokeLineJoin="bevel"',
        ),
      ),
    );
    const opacity = (0.5 * 0x80) / 255;
    for (const part of [
      `fill="#102030" fill-opacity="${opacity}"`,
      'fill-rule="evenodd"',
      'stroke="#aabbcc" stroke-opacity="1"',
      'stroke-width="2" stroke-linecap="round" stroke-linejoin="bevel"',
    ]) {
      assert.ok(svg.includes(part), part);
    }
    assert.match(svgOfDrawable(vector(path(''))).svg, /fill="none" stroke="none"/); // as Android draws it
  });

  it('draws colours of resources and themes grey, and says so', () => {
    for (const colour of ['@color/brand', '?attr/colorPrimary', '?android:attr/textColor']) {
      const { svg, hasUnknownColours } = svgOfDrawable(vector(path(`android:fillColor="${colour}"`)));
      assert.match(svg, /fill="#6e6e6e"/);
      assert.equal(hasUnknownColours, true);
    }
    assert.match(svgOfDrawable(vector(path('android:fillColor="@android:color/white"'))).svg, /fill="#ffffff"/);
  });

  it('has the colour of its tint', () => {
    const tinted = (tint: string): string =>
      svgOfDrawable(vector(path('android:fillColor="@android:color/white"'), `${SIZE} android:tint="${tint}"`)).svg;
    assert.match(tinted('#00FF00'), /fill="#00ff00"/);
    assert.match(tinted('?attr/colorControlNormal'), /fill="#6e6e6e"/);
  });

  it('has groups with their pivots, and clip paths for what follows', () => {
    const { svg } = svgOfDrawable(
      vector(
        `<group android:rotation="90" android:pivotX="24" android:pivotY="10" android:scaleX="2">` +
          `<clip-path android:pathData="M0,0h9v9z"/>${path('android:fillColor="#000"')}</group>`,
      ),
    );
    assert.match(svg, /transform="translate\(24 10\) rotate\(90\) scale\(2 1\) translate\(-24 -10\)"/);
    assert.match(svg, /<clipPath id="(\w+)"><path d="M0,0h9v9z".*<g clip-path="url\(#\1\)"><path .*<\/g><\/g>/);
  });

  it('has gradients', () => {
    const gradient =
      '<aapt:attr name="android:fillColor"><gradient android:startX="1" android:startY="2" android:endX="3" ' +
      'android:endY="4" android:startColor="#F00" android:endColor="#8000FF00" android:tileMode="mirror"/></aapt:attr>';
    const { svg } = svgOfDrawable(vector(path('', gradient)));
    assert.match(
      svg,
      /<linearGradient id="(\w+)" [^>]*spreadMethod="reflect" x1="1" y1="2" x2="3" y2="4">.*fill="url\(#\1\)"/,
    );
    assert.match(svg, /<stop offset="0" stop-color="#ff0000" stop-opacity="1"\/><stop offset="1" stop-color="#00ff00"/);
  });

  it('contains nothing but numbers, names and colours of the file', () => {
    const hostile = '&quot;/&gt;&lt;script&gt;';
    const { svg } = svgOfDrawable(
      vector(
        `<group android:rotation="${hostile}"><path android:pathData="M0 0${hostile}" android:fillColor="${hostile}" ` +
          `android:strokeLineCap="${hostile}" android:strokeWidth="1${hostile}"/></group>`,
      ),
    );
    assert.doesNotMatch(svg, /script>|&/);
  });

  it('is refused with a reason', () => {
    const cases = [
      [vector('', 'android:width="@dimen/w" android:height="24dp"'), 'VectorDrawable without a usable size'],
      [`<!DOCTYPE vector [<!ENTITY a "b">]>${vector('')}`, 'VectorDrawable with a document type'],
      [vector('<path>'), 'damaged VectorDrawable (XML error)'],
      [vector('<group>'.repeat(200) + '</group>'.repeat(200)), /more than 100 groups/],
    ] as const;
    for (const [text, message] of cases) assert.throws(() => svgOfDrawable(text), { name: 'UserError', message });
  });
});
