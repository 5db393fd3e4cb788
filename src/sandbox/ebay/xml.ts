import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser'
import { isRecord, type Json } from './wire.ts'

const NAMESPACE = 'urn:ebay:apis:eBLBaseComponents'

/** What is written: `@name` is an attribute, `#` the text beside attributes, a list repeats its element, undefined is left out. */
export type Xml = string | undefined | readonly Xml[] | { readonly [name: string]: Xml }

// Every value stays text: a tracking number, a SKU like 1E5 and a postal code are no numbers.
const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  removeNSPrefix: true,
  parseTagValue: false,
  htmlEntities: true,
})
const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: '#',
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
  processEntities: false,
  tagValueProcessor: (_name, value) => escaped(String(value)),
  attributeValueProcessor: (_name, value) => escaped(String(value)),
})

export interface XmlDocument {
  /** Of the outermost element. */
  readonly name: string
  readonly root: Json
}

/** A request's only element; undefined when it is not well-formed. */
export function parseXml(body: Buffer): XmlDocument | undefined {
  const text = body.toString('utf8')
  if (text.trim() === '' || XMLValidator.validate(text) !== true) return undefined
  const [entry] = Object.entries(parser.parse(text) as Json)
  if (entry === undefined) return undefined
  return { name: entry[0], root: isRecord(entry[1]) ? entry[1] : {} }
}

export function printXml(name: string, root: { readonly [name: string]: Xml }): string {
  const tree = { [name]: { '@xmlns': NAMESPACE, ...root } }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(tree)}`
}

/** Every element of that name, as a list. */
export function children(node: Json, name: string): readonly unknown[] {
  const found = node[name]
  return found === undefined ? [] : Array.isArray(found) ? (found as readonly unknown[]) : [found]
}

/** The first element of that name, as an object; an empty one holds nothing. */
export function child(node: Json, name: string): Json | undefined {
  const [found] = children(node, name)
  return found === undefined ? undefined : isRecord(found) ? found : {}
}

/** The text of the first element of that name; an empty element counts as absent. */
export function textOf(node: Json, name: string): string | undefined {
  const [found] = children(node, name)
  return typeof found === 'string' && found !== '' ? found : undefined
}

// The apostrophe goes out as a numeric reference: a reader that knows the five named entities only shows it as it stands.
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
