/** Everything in which the two databases differ, as far as SQL goes. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres'
  /** Appended to a select whose rows are to be taken by nobody else. SQLite: a BEGIN IMMEDIATE transaction is alone anyway. */
  readonly lockRows: string
  /** Of transactions that begin with this statement and the same whole number one is let in at a time. SQLite: undefined, for the same reason. */
  readonly oneAtATime: string | undefined
  /** Scalar maximum of two expressions. */
  greatest(a: string, b: string): string
  /** SQL text with `?` placeholders as the driver wants it. */
  placeholders(sql: string): string
  /** A text as the database can hold it. */
  storable(text: string): string
  /** The id of the key that a sealed column was sealed with; '' for what is none. */
  keyIdOf(column: string): string
  /** A table named `x` of the objects in one JSON parameter: `select x.sku from ${recordset({ sku: 'text' })}`. */
  recordset(columns: Readonly<Record<string, 'text' | 'bigint'>>): string
}

export const sqlite: Dialect = {
  name: 'sqlite',
  lockRows: '',
  oneAtATime: undefined,
  greatest: (a, b) => `max(${a}, ${b})`,
  placeholders: (sql) => sql,
  storable: (text) => text,
  keyIdOf: (column) => `substr(${column}, 4, max(instr(substr(${column}, 4), ':') - 1, 0))`,
  recordset(columns) {
    const fields = Object.keys(columns).map((name) => `value ->> '$.${name}' as ${name}`)
    // The limit, which is none, has SQLite read the document once and index it: folded into a join it would be read again for every row.
    return `(select ${fields.join(', ')} from json_each(?) limit -1) as x`
  },
}

const numbered = new Map<string, string>()

export const postgres: Dialect = {
  name: 'postgres',
  lockRows: 'for update skip locked',
  oneAtATime: 'select pg_advisory_xact_lock(7153002, ?)',
  greatest: (a, b) => `greatest(${a}, ${b})`,
  placeholders(sql) {
    const known = numbered.get(sql)
    if (known !== undefined) return known
    let n = 0
    const text = sql.replace(/\?/g, () => `$${++n}`)
    // Texts with a varying number of placeholders would grow the map without end.
    if (numbered.size < 500) numbered.set(sql, text)
    return text
  },
  // PostgreSQL refuses NUL and half a surrogate pair, and with them the whole page that one such title stands on.
  storable: (text) => text.toWellFormed().replaceAll('\0', '\ufffd'),
  // The head is enough: a long value need not be read whole.
  keyIdOf: (column) => `split_part(substr(${column}, 1, 40), ':', 2)`,
  recordset(columns) {
    const fields = Object.entries(columns).map(([name, type]) => `${name} ${type}`)
    return `json_to_recordset(?::json) as x(${fields.join(', ')})`
  },
}
