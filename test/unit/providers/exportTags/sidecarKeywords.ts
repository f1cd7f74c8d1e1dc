import { DOMParser, MIME_TYPE } from '@xmldom/xmldom';

const DC = 'http://purl.org/dc/elements/1.1/';
const LR = 'http://ns.adobe.com/lightroom/1.0/';
const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';

/** Reads the keywords of a sidecar as another program does: dc:subject and lr:hierarchicalSubject. */
export function sidecarKeywords(text: string): { subjects: string[]; hierarchical: string[] } {
  const document = new DOMParser().parseFromString(text.replace(/^\ufeff/, ''), MIME_TYPE.XML_TEXT);
  const items = (namespace: string, name: string): string[] =>
    Array.from(document.getElementsByTagNameNS(namespace, name)).flatMap((property) =>
      Array.from(property.getElementsByTagNameNS(RDF, 'li'), ({ textContent }) => textContent ?? ''),
    );
  return { subjects: items(DC, 'subject'), hierarchical: items(LR, 'hierarchicalSubject') };
}
