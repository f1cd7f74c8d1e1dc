import assert from 'node:assert/strict';
import { readDetails } from '../../../../../../src/clip/images/details.ts';
import { decodeOptions, difference, preprocess, svg, unnamed } from '../../testImages.ts';

const BOX = 'viewBox="0 0 72 72"';

/**
 * The two renderers differ by up to 3 of 255 at the edges of a picture of 32 pixels. A shape in another colour or in
 * another place differs by more than 10.
 */
const EDGES = 3.5;

/** A yellow face. */
function face({ fill = 'fill="#fcea2b"', css = '', group = '', root = '', child = '' } = {}): Buffer {
  const style = css === '' ? '' : `<style><![CDATA[${css}]]></style>`;
  return svg(
    `${style}<g ${group}><circle cx="36" cy="36" r="30" ${fill} stroke="#000" stroke-width="2">${child}</circle>` +
      '<circle cx="26" cy="30" r="4"/><circle cx="46" cy="30" r="4"/>' +
      '<path d="M22 44Q36 58 50 44" fill="none" stroke="#000" stroke-width="3"/></g>',
    `${BOX} ${root}`,
  );
}

async function assertSame(bytes: Buffer, expected: Buffer, name: string, most = EDGES): Promise<void> {
  const distance = difference((await preprocess(bytes)).pixels, (await preprocess(expected)).pixels);
  assert.ok(distance < most, `${name} differs by ${distance}`);
}

describe('CSS in a drawing', () => {
  const YELLOW: Readonly<Record<string, Buffer>> = {
    'variable of :root': face({ css: ':root{--skin:#fcea2b}', fill: 'fill="var(--skin)"' }),
    'variable of a style attribute': face({ root: 'style="--skin:#fcea2b"', fill: 'fill="var(--skin)"' }),
    'variable of a variable': face({ css: ':root{--a:var(--b);--b:#fcea2b}', fill: 'style="fill:var(--a)"' }),
    'fallback of a variable': face({ fill: 'fill="var(--x, var(--y, #fcea2b))"' }),
    'variable that a group overrides': face({
      css: ':root{--skin:#000}g{--skin:#fcea2b}',
      fill: 'fill="var(--skin)"',
    }),
    'currentColor of a variable': face({ css: 'svg{color:var(--c,#fcea2b)}', fill: 'fill="currentColor"' }),
    'rules for screens': face({ css: '@media screen{.s{fill:#fcea2b}}@media print{.s{fill:#000}}', fill: 'class="s"' }),
    'rules for dark windows': face({
      css: '.s{fill:#fcea2b}@media (prefers-color-scheme: dark){.s{fill:#000}}',
      fill: 'class="s"',
    }),
    'rules for narrow windows': face({
      css: '.s{fill:#fcea2b}@media (max-width: 40px){.s{fill:#000}}',
      fill: 'class="s"',
    }),
    'nested rules': face({ css: 'g{& .s{fill:#fcea2b} .s.t{fill:#000}}', fill: 'class="s"' }),
    'rules in @supports and @layer': face({
      css: '@supports (fill: red){@layer a{.s{fill:#fcea2b}}}',
      fill: 'class="s"',
    }),
    'important rules': face({ css: '.s{fill:#fcea2b !important}#q{fill:#000}', fill: 'class="s" id="q"' }),
    'specificity of rules': face({ css: 'g > .s{fill:#fcea2b}circle{fill:#000;fill:var(--no)}', fill: 'class="s"' }),
    'rgb() with spaces': face({ fill: 'fill="rgb(252 234 43 / 100%)"' }),
    'oklch()': face({ fill: 'fill="oklch(0.9242 0.1838 104.6)"' }),
    'color()': face({ fill: 'fill="color(srgb 0.988 0.918 0.169)"' }),
    'color-mix()': face({ fill: 'fill="color-mix(in srgb, #fcea2b 100%, red)"' }),
    'color-mix() with currentColor': face({
      fill: 'color="#fcea2b" style="fill:color-mix(in srgb, currentColor, #fcea2b)"',
    }),
    'light-dark()': face({
      css: ':root{color-scheme:light dark}.s{fill:light-dark(#fcea2b,#000)}',
      fill: 'class="s"',
    }),
  };
  for (const [name, bytes] of Object.entries(YELLOW)) {
    it(`has its effect: ${name}`, () => assertSame(bytes, face(), name));
  }

  it('transforms around its origin', async () => {
    const turned = face({ group: 'transform="rotate(90 36 36)"' });
    const root = 'style="transform-origin:center;transform:rotate(90deg)"';
    await assertSame(face({ root }), turned, 'root');
    await assertSame(face({ group: 'style="transform-origin:50% 50%;transform:rotate(.25turn)"' }), turned, 'percent');
    await assertSame(face({ group: 'transform="rotate(90)" transform-origin="36 36"' }), turned, 'attributes');
    const moved = face({ group: 'transform="translate(36 0) scale(.5)"' });
    await assertSame(face({ group: 'style="transform:translate(50%, 0) scale(50%)"' }), moved, 'percent of the box');
    await assertSame(face({ group: 'style="transform-origin:right top;transform:scale(.5)"' }), moved, 'keywords');
  });

  it('leaves a drawing with damaged XML to the renderer', async () => {
    await assert.rejects(
      preprocess(svg('<style>:root{--a:red}</style><g fill="var(--a)"></h>')),
      /^UserError: SVG with an XML error in line 1$/,
    );
    const deep = '<g fill="var(--a)">'.repeat(5000) + '</g>'.repeat(5000);
    await assert.rejects(preprocess(svg(deep)), /^UserError: SVG that expands without limit$/);
  });

  it('keeps texts in Unicode, and entities for namespaces', async () => {
    const named = Buffer.from(
      '<!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg">]><svg xmlns="&ns;" width="10" height="10"><style>.ä{fill:var(--r,red)}</style><path class="ä" d="M0 0h9v9H0z"/></svg>',
    );
    await assertSame(named, svg('<path fill="red" d="M0 0h9v9H0z"/>'), 'entities');
  });
});

describe('an animation in a drawing', () => {
  it('shows what its first moment hides', async () => {
    const css = '@keyframes in{from{opacity:0}to{opacity:1}}g{opacity:0;animation:in 1s forwards}';
    await assertSame(face({ css }), face(), 'CSS');
    const child = '<animate attributeName="opacity" values="0;1" dur=".2s" fill="freeze"/>';
    await assertSame(face({ fill: 'fill="#fcea2b" opacity="0"', child }), face(), 'animate');
    const grow = '<animate attributeName="r" values="0;30;0" dur="1s" repeatCount="indefinite"/>';
    await assertSame(
      svg(`<circle cx="36" cy="36" r="0" fill="red">${grow}</circle>`, BOX),
      svg('<circle cx="36" cy="36" r="30" fill="red"/>', BOX),
      'r',
    );
    const line = (attributes: string, inner = ''): Buffer =>
      svg(`<path d="M0 36h72" stroke="#000" stroke-width="9" ${attributes}>${inner}</path>`, BOX);
    const draw = '<animate fill="freeze" attributeName="stroke-dashoffset" values="72;0"/>';
    await assertSame(line('stroke-dasharray="72" stroke-dashoffset="72"', draw), line(''), 'dashes');
  });

  it('does not change what is visible without it', async () => {
    const child = '<animate attributeName="opacity" values="1;0" dur=".2s" fill="freeze"/>';
    await assertSame(face({ child }), face(), 'animate');
    const css = '@keyframes pulse{50%{opacity:0}}g{animation:pulse 1s infinite}';
    await assertSame(face({ css }), face(), 'CSS');
  });
});

describe('content of a drawing that cannot be drawn', () => {
  const SHAPE = '<rect width="160" height="80" fill="#f80"/><circle cx="40" cy="40" r="20"/>';
  const SIZE = 'viewBox="0 0 161 81"';
  const FEATURE = 'requiredFeatures="http://www.w3.org/TR/SVG11/feature#Extensibility"';

  it('does not add the warning of draw.io', async () => {
    const warning = `<switch><g ${FEATURE}/><a transform="translate(0,-5)" href="https://x"><text text-anchor="middle" font-size="10px" x="50%" y="100%">Text is not SVG - cannot display</text></a></switch>`;
    await assertSame(svg(SHAPE + warning, SIZE), svg(SHAPE, SIZE), 'warning', 0.01);
  });

  it('is replaced by its alternative', async () => {
    const box = '<rect x="100" y="20" width="40" height="40"/>';
    const label = `<switch><foreignObject width="100%" height="100%" ${FEATURE}><div xmlns="http://www.w3.org/1999/xhtml">Label</div></foreignObject>${box}</switch>`;
    await assertSame(svg(SHAPE + label, SIZE), svg(SHAPE + box, SIZE), 'alternative', 0.01);
  });

  it('is named in the details', async () => {
    const gapsOf = async (content: string): Promise<readonly string[]> =>
      (await readDetails(unnamed(svg(content)), decodeOptions())).gaps;
    assert.deepEqual(await gapsOf('<rect/>'), []);
    assert.deepEqual(
      await gapsOf('<foreignObject><div xmlns="http://www.w3.org/1999/xhtml">Label</div></foreignObject><rect/>'),
      ['html'],
    );
    assert.deepEqual(await gapsOf('<script>draw()</script><rect/>'), ['scripts']);
    assert.deepEqual(await gapsOf('<style>@import url(a.css);rect{fill:var(--a)}</style><rect/>'), ['importedStyles']);
    assert.deepEqual(await gapsOf('<style>rect{fill:var(--a)}}}{</style><rect/>'), ['styles']);
    // Style sheets that would take minutes.
    const deep = `${'<g>'.repeat(400)}<rect/>${'</g>'.repeat(400)}`;
    assert.deepEqual(await gapsOf(`<style>x g g g{fill:var(--a)}</style>${deep}`), ['styles']);
    const nested = `${'& & & &{'.repeat(50)}fill:red${'}'.repeat(50)}`;
    assert.deepEqual(await gapsOf(`<style><![CDATA[${nested}]]></style><rect/>`), ['styles']);
  });
});
