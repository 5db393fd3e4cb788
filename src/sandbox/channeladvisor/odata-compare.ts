import { type Edm, QueryMistake, type Scalar } from './odata-kind.ts'
import { ticksOf } from './wire.ts'

export type Operator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le'

export interface Node {
  /** `member`: of an enumeration that is named in the filter itself. */
  readonly type: Edm | 'null' | 'member'
  readonly read: (entity: unknown, now: number) => Scalar
}

/** `Namespace.Type'Member'`; whether there is such a member shows when it meets a property. */
export function membership(member: string): Node {
  return { type: 'member', read: () => member }
}

export function compareNodes(left: Node, operator: Operator, right: Node): Node {
  const compare = comparatorOf(left, operator, right)
  return {
    type: 'boolean',
    read(entity, now) {
      const [a, b] = [left.read(entity, now), right.read(entity, now)]
      // Nothing is greater or less than null, and nothing but null equals it.
      if (a === null || b === null) return operator === 'eq' ? a === b : operator === 'ne' && a !== b
      return holds(operator, compare(a, b))
    },
  }
}

export function textFunction(name: string, whole: Node, part: Node): Node {
  if (whole.type !== 'string' || part.type !== 'string') throw new QueryMistake(`The arguments of '${name}' must be strings.`)
  return {
    type: 'boolean',
    read(entity, now) {
      const [text, piece] = [String(whole.read(entity, now) ?? ''), String(part.read(entity, now) ?? '')]
      if (name === 'contains') return text.includes(piece)
      return name === 'startswith' ? text.startsWith(piece) : text.endsWith(piece)
    },
  }
}

type Comparator = (a: Scalar, b: Scalar) => number

/** Both sides must be of one sort: a number in quotes is no number, a date in quotes no date. */
function comparatorOf(left: Node, operator: Operator, right: Node): Comparator {
  const sides = [left.type, right.type]
  if (sides.includes('null')) return () => 0
  if (sides.every((type) => type === 'int' || type === 'decimal')) return compareDecimals
  if (left.type === 'date' && right.type === 'date') return compareTicks
  if (left.type === 'string' && right.type === 'string') return compareTexts
  const isSwitch = operator === 'eq' || operator === 'ne'
  if (left.type === 'boolean' && right.type === 'boolean' && isSwitch) return (a, b) => (a === b ? 0 : 1)
  const members = [left.type, right.type].find((type) => typeof type !== 'string')
  if (members !== undefined && isSwitch) {
    const other = typeof left.type === 'string' ? left : right
    if (other.type === 'string' || other.type === 'member') return memberComparator(members, other)
  }
  throw new QueryMistake(
    `A binary operator with incompatible types was detected. Found operand types '${nameOf(left)}' and '${nameOf(right)}' for operator kind '${operator}'.`,
  )
}

function memberComparator(members: readonly string[], other: Node): Comparator {
  const wanted = String(other.read(undefined, 0))
  if (!members.includes(wanted)) throw new QueryMistake(`The string '${wanted}' is not a valid enumeration type constant.`)
  return compareTexts
}

function nameOf({ type }: Node): string {
  return typeof type === 'string' ? `Edm.${type}` : 'an enumeration'
}

function holds(operator: Operator, order: number): boolean {
  switch (operator) {
    case 'eq':
      return order === 0
    case 'ne':
      return order !== 0
    case 'gt':
      return order > 0
    case 'ge':
      return order >= 0
    case 'lt':
      return order < 0
    case 'le':
      return order <= 0
  }
}

function compareTexts(a: Scalar, b: Scalar): number {
  const [left, right] = [String(a), String(b)]
  return left === right ? 0 : left < right ? -1 : 1
}

function compareTicks(a: Scalar, b: Scalar): number {
  const [left, right] = [ticksOf(String(a)), ticksOf(String(b))]
  if (left === undefined || right === undefined)
    throw new QueryMistake(`'${String(left === undefined ? a : b)}' is not a time in UTC.`)
  return left === right ? 0 : left < right ? -1 : 1
}

function compareDecimals(a: Scalar, b: Scalar): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [left, right] = [scaled(String(a)), scaled(String(b))]
  return left === right ? 0 : left < right ? -1 : 1
}

/** Amounts have far fewer decimals than this. */
const SCALE = 12

function scaled(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(SCALE, '0').slice(0, SCALE))
}

/** For $orderby: null comes first, as in the vendor's database. */
export function compareScalars(type: Edm, a: Scalar, b: Scalar): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1
  if (type === 'date') return compareTicks(a, b)
  return type === 'int' || type === 'decimal' ? compareDecimals(a, b) : compareTexts(a, b)
}
