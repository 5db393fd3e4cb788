/** What a property holds on the wire; decimals and dates are texts here. */
export type Scalar = string | number | boolean | null

/** The type of a property; a list is an enumeration's members. */
export type Edm = 'string' | 'int' | 'decimal' | 'boolean' | 'date' | readonly string[]

export interface Field<T> {
  readonly type: Edm
  of(entity: T, now: number): Scalar
}

/** A collection that $expand brings along. */
export interface Link<T> {
  to(): Kind<unknown>
  of(owner: T): readonly unknown[]
  /** Where its rest can be read, below the service root; none: it is never cut. */
  path?(owner: T): string
}

/** One entity set: what its members can show, be filtered by and bring along. */
export interface Kind<T> {
  readonly set: string
  readonly fields: Readonly<Record<string, Field<T>>>
  readonly links: Readonly<Record<string, Link<T>>>
  /** Laid over the form, last. */
  patch?(entity: T): unknown
}

/** A query that OData refuses with a 400. */
export class QueryMistake extends Error {}

export function fieldOf(kind: Kind<unknown>, name: string): Field<unknown> {
  const field = Object.hasOwn(kind.fields, name) ? kind.fields[name] : undefined
  if (field === undefined)
    throw new QueryMistake(
      `The query specified in the URI is not valid. Could not find a property named '${name}' on type '${kind.set}'.`,
    )
  return field
}
