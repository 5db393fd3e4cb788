import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml'
import { type Path, pathText } from './problems.ts'

/** The file's content. Every scalar is the text that stands in the file; keys without a value are left out. Maps have no prototype. */
export type Tree = string | readonly Tree[] | TreeMap

export interface TreeMap {
  readonly [key: string]: Tree
}

export interface Place {
  readonly line: number
  readonly column: number
}

export interface Flaw extends Place {
  readonly path: string
  readonly message: string
}

export interface ParsedFile {
  /** Undefined when the text is not YAML: then `flaws` say why. */
  readonly tree: TreeMap | undefined
  /** Where a path stands: its key, else the nearest key above it. */
  placeOf(path: Path): Place
  readonly flaws: readonly Flaw[]
}

/** Deepest nesting and most values that any sensible configuration has. Aliases count each time they are used. */
const MAX_DEPTH = 12
const MAX_NODES = 20_000
const MAX_FLAWS = 20

const unusableKeys = ['__proto__', 'constructor', 'prototype']

// `{ api_key: ${KEY} }` is what everybody writes and what YAML forbids (a brace ends a plain word inside braces). The braces of a
// reference are swapped for two letters of the private range while the YAML parser looks: same length, so that columns stay right.
const OPEN = '\uE000'
const CLOSE = '\uE001'

/** Reads YAML or JSON. Never throws, never quotes the text in a flaw: it may hold a secret. */
export function parseTree(text: string): ParsedFile {
  const counter = new LineCounter()
  const places = new Map<string, Place>()
  const flaws: Flaw[] = []
  const document = parseDocument(text.replace(/\$\{([^{}\n]*)\}/g, `$$${OPEN}$1${CLOSE}`), {
    lineCounter: counter,
    schema: 'failsafe',
    prettyErrors: false,
    logLevel: 'error',
  })

  for (const error of [...document.errors, ...document.warnings]) addSyntaxFlaw(error)
  const readable = document.errors.every((error) => error.code === 'DUPLICATE_KEY')
  const tree = readable ? readRoot() : undefined
  return { tree, placeOf, flaws }

  function addSyntaxFlaw(error: YAMLError): void {
    const place = placeAt(error.pos[0])
    if (flaws.length >= MAX_FLAWS || flaws.some((flaw) => flaw.line === place.line)) return
    flaws.push({ ...place, path: '', message: syntaxWords[error.code] ?? 'is not valid YAML here' })
  }

  function readRoot(): TreeMap | undefined {
    const root = document.contents
    if (root === null || (isScalar(root) && root.value === '')) return Object.create(null)
    if (isMap(root)) return readMap(root, [], { nodes: 0 })
    flaws.push({
      ...placeAt(root.range?.[0] ?? 0),
      path: '',
      message: 'must be a section of keys such as channels and shipstation',
    })
    return undefined
  }

  function read(node: unknown, path: Path, spent: { nodes: number }): Tree | undefined {
    spent.nodes++
    if (path.length > MAX_DEPTH || spent.nodes > MAX_NODES) return tooMuch(path, spent)
    if (isAlias(node)) return read(node.resolve(document as Document), path, spent)
    if (isMap(node)) return readMap(node, path, spent)
    if (isSeq(node)) return node.items.map((item, index) => readItem(item, [...path, index], spent))
    return isScalar(node) ? readScalar(node.value, node.type) : undefined
  }

  function readItem(item: unknown, path: Path, spent: { nodes: number }): Tree {
    places.set(placeKey(path), placeAt(startOf(item)))
    return read(item, path, spent) ?? ''
  }

  function readMap(
    map: { readonly items: readonly { key: unknown; value: unknown }[] },
    path: Path,
    spent: { nodes: number },
  ): TreeMap {
    const values: Record<string, Tree> = Object.create(null)
    for (const { key, value } of map.items) {
      const place = placeAt(startOf(key))
      const name = isScalar(key) && typeof key.value === 'string' ? restored(key.value) : undefined
      if (name === undefined || unusableKeys.includes(name) || name === '') {
        flaws.push({ ...place, path: pathText(path), message: 'holds a key that cannot be used as a name' })
        continue
      }
      const at = [...path, name]
      places.set(placeKey(at), place)
      const held = read(value, at, spent)
      if (held !== undefined) values[name] = held
    }
    return values
  }

  function tooMuch(path: Path, spent: { nodes: number }): undefined {
    if (flaws.some((flaw) => flaw.message === tooMuchWords)) return undefined
    flaws.push({ ...placeOf(path), path: pathText(path.slice(0, 3)), message: tooMuchWords })
    spent.nodes = MAX_NODES
    return undefined
  }

  function placeAt(offset: number): Place {
    const { line, col } = counter.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }

  function placeOf(path: Path): Place {
    for (let length = path.length; length > 0; length--) {
      const place = places.get(placeKey(path.slice(0, length)))
      if (place !== undefined) return place
    }
    return { line: 1, column: 1 }
  }
}

const tooMuchWords = 'is nested too deeply or holds too many values for a configuration'

// `key:` and `key: ~` mean that the key is not set.
function readScalar(value: unknown, type: string | null | undefined): string | undefined {
  if (typeof value !== 'string') return undefined
  if (type === 'PLAIN' && (value === '' || value === '~' || value === 'null')) return undefined
  return restored(value)
}

function restored(text: string): string {
  return text.replaceAll(OPEN, '{').replaceAll(CLOSE, '}')
}

function startOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0
}

function placeKey(path: Path): string {
  return JSON.stringify(path)
}

const syntaxWords: Readonly<Record<string, string>> = {
  ALIAS_PROPS: 'an alias cannot have a tag or an anchor',
  BAD_ALIAS: 'this alias (*name) names no anchor',
  BAD_INDENT: 'the indentation or a closing bracket is wrong here',
  BAD_SCALAR_START: 'a value that starts with this character must stand in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second key on one line, or a value that needs quotes',
  BLOCK_IN_FLOW: 'indented keys cannot stand inside { } or [ ]',
  DUPLICATE_KEY: 'this key stands twice in its section',
  MISSING_CHAR: 'a character is missing here, such as a colon, a comma, a quote or a closing bracket',
  MULTIPLE_DOCS: 'the file holds more than one document (a line with ---); one is allowed',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line; is a quote or a colon missing above?',
  RESOURCE_EXHAUSTION: tooMuchWords,
  TAB_AS_INDENT: 'a tab cannot indent a line; use spaces',
  TAG_RESOLVE_FAILED: 'tags (!name) have no meaning here',
  UNEXPECTED_TOKEN: 'this does not belong here; is a quote, a comma or a closing bracket missing before it?',
}
