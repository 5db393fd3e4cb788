import { type Db, recordsOf, type SqlValue } from './db.ts'

/** A column that holds encrypted values. */
export interface SealedColumn {
  readonly table: string
  readonly column: string
  /** A unique key of the table; joined by slashes it is the row that a value is bound to. */
  readonly place: readonly { readonly column: string; readonly type: 'text' | 'bigint' }[]
  /** Which rows are meant, where others hold plain text. */
  readonly onlyIf?: string
}

const order = [
  { column: 'channel', type: 'text' },
  { column: 'external_order_id', type: 'text' },
] as const

/** Every encrypted column. What is not here is not encrypted anew when keys change, and is lost with the old key. */
export const sealedColumns: readonly SealedColumn[] = [
  // First: a process without the new key stops before it reads anything else.
  {
    table: 'settings',
    column: 'value',
    place: [{ column: 'key', type: 'text' }],
    onlyIf: `key in ('vault.check', 'privacy.digest_key')`,
  },
  { table: 'access_tokens', column: 'token', place: [{ column: 'account', type: 'text' }] },
  { table: 'orders', column: 'buyer', place: order },
  { table: 'orders', column: 'ship_to', place: order },
  { table: 'orders', column: 'messages', place: order },
  { table: 'order_payloads', column: 'payload', place: [...order, { column: 'version', type: 'bigint' }] },
  {
    table: 'inbox',
    column: 'body',
    place: [
      { column: 'provider', type: 'text' },
      { column: 'delivery_key', type: 'text' },
    ],
  },
]

/** How many values of a column were encrypted with which key; '' counts what is not encrypted at all. */
export async function countByKey(db: Db, sealed: SealedColumn): Promise<ReadonlyMap<string, number>> {
  const rows = await db.rows<{ key_id: string; count: number }>(
    `select ${db.dialect.keyIdOf(sealed.column)} as key_id, count(*) as count from ${sealed.table} where ${isSealed(sealed)} group by 1 order by 1`,
  )
  return new Map(rows.map(({ key_id, count }) => [key_id, Number(count)]))
}

/** An encrypted value and where it stands. */
export interface SealedValue {
  readonly place: readonly SqlValue[]
  readonly value: string
}

/** The next values that were encrypted with another key than this one, in the order of their places behind `after`. */
export async function otherwiseSealed(
  db: Db,
  sealed: SealedColumn,
  keyId: string,
  after: readonly SqlValue[] | undefined,
  limit: number,
): Promise<SealedValue[]> {
  const names = sealed.place.map(({ column }) => column)
  const behind = after === undefined ? '' : `and (${names.join(', ')}) > (${names.map(() => '?').join(', ')})`
  const rows = await db.rows<Record<string, SqlValue> & { readonly sealed_value: string }>(
    `select ${names.join(', ')}, ${sealed.column} as sealed_value from ${sealed.table}
     where ${isSealed(sealed)} and ${db.dialect.keyIdOf(sealed.column)} <> ? ${behind} order by ${names.join(', ')} limit ?`,
    [keyId, ...(after ?? []), limit],
  )
  return rows.map((row) => ({ place: names.map((name) => row[name] ?? null), value: row.sealed_value }))
}

/** Puts newly encrypted values in the place of the old ones, unless somebody has written there meanwhile. Returns how many. */
export async function replaceSealed(
  tx: Db,
  sealed: SealedColumn,
  values: readonly (SealedValue & { readonly anew: string })[],
): Promise<number> {
  if (values.length === 0) return 0
  const { table, column, place } = sealed
  const fields = Object.fromEntries(place.map(({ type }, n) => [`place_${n}`, type]))
  const records = values.map((one) => ({
    ...Object.fromEntries(one.place.map((value, n) => [`place_${n}`, value])),
    before: one.value,
    anew: one.anew,
  }))
  const matches = place.map((key, n) => `${table}.${key.column} = x.place_${n}`)
  return tx.run(
    `update ${table} set ${column} = x.anew from ${tx.dialect.recordset({ ...fields, before: 'text', anew: 'text' })}
     where ${matches.join(' and ')} and ${table}.${column} = x.before`,
    [recordsOf(tx, records)],
  )
}

function isSealed({ column, onlyIf }: SealedColumn): string {
  return `${column} is not null${onlyIf === undefined ? '' : ` and ${onlyIf}`}`
}
