import type { VendorAnswer } from '../../core/ports/gate.ts'

/** An answer of the Trading API: the inside of `<GetOrdersResponse>`. Elements that may repeat are an array only where they do. */
export type XmlBody = Readonly<Record<string, unknown>>

/**
 * The answer's document, or undefined when it is cut, HTML, or another call's. Every value stays text: a tracking number has more digits
 * than a number can hold, and a SKU may be `1E5`. An element with attributes is `{ '#text', '@_name' }`.
 */
export async function xmlOf(answer: VendorAnswer, call: string): Promise<XmlBody | undefined> {
  const text = answer.body.toString('utf8').trimEnd()
  // The parser reads half a document without a word.
  if (!text.endsWith(`</${call}Response>`)) return undefined
  // Loaded with the package that brings it, not with every command.
  const { XMLParser } = await import('fast-xml-parser')
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@_',
    parseTagValue: false,
    parseAttributeValue: false,
    ignoreDeclaration: true,
    // Without it `&#39;` stays as it is; the default of 10 000 is one page of orders with ampersands in their titles.
    htmlEntities: true,
    processEntities: { enabled: true, maxTotalExpansions: 1_000_000, maxExpandedLength: 16_000_000 },
  })
  try {
    const document: unknown = parser.parse(text)
    const body = isRecord(document) ? document[`${call}Response`] : undefined
    return isRecord(body) ? body : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
