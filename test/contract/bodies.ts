import { XMLBuilder, XMLParser } from 'fast-xml-parser'

/** A body as a model sees it: the value that its schema is about. Undefined where the text is not what its content type says. */
export function readBody(contentType: string, text: string): unknown {
  const [bare = ''] = contentType.split(';')
  const read = readers[bare.trim().toLowerCase()] ?? json
  return read(text, contentType)
}

const readers: Readonly<Record<string, (text: string, contentType: string) => unknown>> = {
  'application/x-www-form-urlencoded': (text) => Object.fromEntries(new URLSearchParams(text)),
  'multipart/form-data': multipart,
  'text/csv': (text) => cellsOf(text),
  'application/xml': storageError,
  'text/xml': (text) => documentOf(text),
}

/** Elements of eBay's documents that may repeat; by their path, since an order's own id is one text. */
const REPEATING = /\.(Errors|InventoryStatus|ShipmentTrackingDetails|OrderIDArray\.OrderID|OrderArray\.Order)$/

/** A document with its root element; every value stays text, attributes are `@_name`. */
function documentOf(text: string): unknown {
  const parser = new XMLParser({
    ignoreAttributes: false,
    parseTagValue: false,
    parseAttributeValue: false,
    ignoreDeclaration: true,
    isArray: (_name, path) => REPEATING.test(String(path)),
  })
  if (!/<\/\w+>\s*$/.test(text)) return undefined
  try {
    return parser.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** The document of such a value, as a client writes it. */
export function documentText(value: unknown): string {
  const builder = new XMLBuilder({ ignoreAttributes: false, suppressBooleanAttributes: false })
  return `<?xml version="1.0" encoding="utf-8"?>${builder.build(value)}`
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Every part by its name. One that is sent as a table is its rows, any other its text. A part that comes twice makes it no form. */
function multipart(text: string, contentType: string): unknown {
  const boundary = /;\s*boundary="?([^";]{1,70})"?\s*$/.exec(contentType)?.[1]
  const end = `\r\n--${boundary}--\r\n`
  if (boundary === undefined || !text.startsWith(`--${boundary}\r\n`) || !text.endsWith(end)) return undefined
  const parts = text.slice(`--${boundary}\r\n`.length, -end.length).split(`\r\n--${boundary}\r\n`)
  const read = parts.map((part) => {
    const [, head = '', body = ''] = /^([\s\S]*?)\r\n\r\n([\s\S]*)$/.exec(part) ?? []
    const name = /^content-disposition: form-data; name="([^"]+)"(?:; filename="[^"]+")?$/im.exec(head)?.[1]
    const isTable = /^content-type: text\/csv\b/im.test(head)
    return { name, value: isTable ? cellsOf(body) : body }
  })
  const names = new Set(read.map(({ name }) => name))
  if (names.has(undefined) || names.size < read.length || read.some(({ value }) => value === undefined)) return undefined
  return Object.fromEntries(read.map(({ name, value }) => [name, value]))
}

/** Rows of a table whose cells are all quoted and parted by semicolons. No cell of it has a line break. */
function cellsOf(text: string): readonly (readonly string[])[] | undefined {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/)
  if (!lines.every((line) => /^"(?:[^"]|"")*"(?:;"(?:[^"]|"")*")*$/.test(line))) return undefined
  return lines.map((line) => [...line.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell = '']) => cell.replaceAll('""', '"')))
}

/** The error of a storage: its children by name. */
function storageError(text: string): unknown {
  const inner = /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*<Error>([\s\S]*)<\/Error>\s*$/.exec(text)?.[1]
  if (inner === undefined) return undefined
  return Object.fromEntries([...inner.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(([, name = '', value = '']) => [name, value]))
}
