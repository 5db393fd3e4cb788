import { compareNodes, membership, type Node, type Operator, textFunction } from './odata-compare.ts'
import { fieldOf, type Kind, QueryMistake } from './odata-kind.ts'

export type Predicate = (entity: unknown, now: number) => boolean

type Token =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'enum'; readonly value: string }
  | { readonly kind: 'word' | 'mark'; readonly value: string }

const OPERATORS: readonly Operator[] = ['eq', 'ne', 'gt', 'ge', 'lt', 'le']
const FUNCTIONS = ['contains', 'startswith', 'endswith']
const TOKEN = /\s*(?:([A-Za-z_][\w.]*)?'((?:[^']|'')*)'|([(),])|([^\s(),']+))/y
const DAY = /^\d{4}-\d\d-\d\d/

/**
 * $filter of OData 4.0: eq ne gt ge lt le, and, or, not, parentheses, contains, startswith, endswith; texts in single quotes with inner ones
 * doubled, numbers, true, false, null, unquoted dates, enumeration members with or without the name of their type. Throws a QueryMistake.
 */
export function readFilter(text: string, kind: Kind<unknown>): Predicate {
  const parser = createParser(tokensOf(text), kind)
  const node = parser()
  return (entity, now) => node.read(entity, now) === true
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  const scan = new RegExp(TOKEN)
  while (scan.lastIndex < text.trimEnd().length) {
    const at = scan.lastIndex
    const found = scan.exec(text)
    if (found === null) throw syntaxError(text, at)
    const [, prefix, quoted, mark, word] = found
    if (quoted !== undefined) tokens.push({ kind: prefix === undefined ? 'text' : 'enum', value: quoted.replaceAll("''", "'") })
    else tokens.push(mark === undefined ? { kind: 'word', value: word ?? '' } : { kind: 'mark', value: mark })
  }
  return tokens
}

function createParser(tokens: readonly Token[], kind: Kind<unknown>): () => Node {
  let next = 0

  function isNext(value: string, tokenKind: Token['kind'] = 'word'): boolean {
    const token = tokens[next]
    return token?.kind === tokenKind && token.value === value
  }

  function expectMark(mark: string): void {
    if (!isNext(mark, 'mark')) throw new QueryMistake(`')' or operator expected at position ${next} in the filter.`)
    next += 1
  }

  // `or` binds less than `and`; the sides of both must be true or false, and the first may decide alone.
  function chain(word: 'or' | 'and', side: () => Node, decides: boolean): Node {
    let left = side()
    while (isNext(word)) {
      next += 1
      const [a, b] = [left, side()]
      if (a.type !== 'boolean' || b.type !== 'boolean') throw wrongOperand(word)
      left = {
        type: 'boolean',
        read: (entity, now) => ((a.read(entity, now) === true) === decides ? decides : b.read(entity, now) === true),
      }
    }
    return left
  }

  const either = (): Node => chain('or', both, true)
  const both = (): Node => chain('and', comparison, false)

  function comparison(): Node {
    const left = unary()
    const token = tokens[next]
    const operator = token?.kind === 'word' ? OPERATORS.find((each) => each === token.value) : undefined
    if (operator === undefined) return left
    next += 1
    return compareNodes(left, operator, unary())
  }

  // `not` binds more than any comparison: without parentheses it is about one property.
  function unary(): Node {
    if (!isNext('not')) return primary()
    next += 1
    const inner = unary()
    if (inner.type !== 'boolean') throw wrongOperand('not')
    return { type: 'boolean', read: (entity, now) => inner.read(entity, now) !== true }
  }

  function primary(): Node {
    const token = tokens[next]
    if (token === undefined) throw new QueryMistake('Expression expected at the end of the filter.')
    next += 1
    if (token.kind === 'text') return { type: 'string', read: () => token.value }
    if (token.kind === 'enum') return membership(token.value)
    if (token.kind === 'mark') {
      if (token.value !== '(') throw new QueryMistake(`Expression expected instead of '${token.value}' in the filter.`)
      const inner = either()
      expectMark(')')
      return inner
    }
    if (isNext('(', 'mark')) return call(token.value)
    return wordNode(token.value, kind)
  }

  function call(name: string): Node {
    if (!FUNCTIONS.includes(name)) throw new QueryMistake(`An unknown function with name '${name}' was found.`)
    next += 1
    const whole = either()
    expectMark(',')
    const part = either()
    expectMark(')')
    return textFunction(name, whole, part)
  }

  return () => {
    const node = either()
    if (next < tokens.length)
      throw new QueryMistake(`Syntax error: '${tokens[next]?.value ?? ''}' was not expected in the filter.`)
    if (node.type !== 'boolean') throw new QueryMistake('The $filter expression must evaluate to a single boolean value.')
    return node
  }
}

function wordNode(word: string, kind: Kind<unknown>): Node {
  if (word === 'null') return { type: 'null', read: () => null }
  if (word === 'true' || word === 'false') return { type: 'boolean', read: () => word === 'true' }
  if (/^-?\d+$/.test(word)) return { type: 'int', read: () => Number(word) }
  if (/^-?\d+\.\d+$/.test(word)) return { type: 'decimal', read: () => word }
  if (DAY.test(word)) return { type: 'date', read: () => word }
  const field = fieldOf(kind, word)
  return { type: field.type, read: (entity, now) => field.of(entity, now) }
}

function wrongOperand(word: string): QueryMistake {
  return new QueryMistake(`An operator with an incompatible type was detected: the operand of '${word}' is not a boolean.`)
}

function syntaxError(text: string, at: number): QueryMistake {
  return new QueryMistake(`Syntax error at position ${at} in '${text}'.`)
}
