import { childElements, elementsOf, isSvg, SVG_NAMESPACE, type Document } from './xml.ts';

/**
 * Resolves conditions as a browser does, which ignores `requiredFeatures` (SVG 2, section 5.8). Of a `switch`, the
 * first child that can be drawn stays. HTML cannot be drawn, so its alternative is shown, as for a diagram of draw.io.
 * @returns whether HTML without an alternative is left out
 */
export function resolveSwitches(document: Document): boolean {
  let lacksHtml = false;
  for (const element of elementsOf(document)) {
    if (element.namespaceURI === SVG_NAMESPACE && !isSvg(element, 'foreignObject'))
      element.removeAttribute('requiredFeatures');
  }
  for (const element of elementsOf(document)) {
    if (!isSvg(element, 'switch')) continue;
    const children = childElements(element);
    const chosen = children.find(
      (child) => !isSvg(child, 'foreignObject') && !child.getAttribute('requiredExtensions'),
    );
    const group = document.createElementNS(SVG_NAMESPACE, element.prefix ? `${element.prefix}:g` : 'g');
    for (const { name, value } of Array.from(element.attributes)) group.setAttribute(name, value);
    if (chosen) group.appendChild(chosen);
    element.parentNode?.replaceChild(group, element);
  }
  for (const element of elementsOf(document)) {
    if (!isSvg(element, 'foreignObject')) continue;
    lacksHtml ||= (element.textContent ?? '').trim() !== '' || childElements(element).length > 0;
    element.parentNode?.removeChild(element);
  }
  return lacksHtml;
}
