import { type Db, recordsOf } from './db.ts'

/** A delivery as it is first written. `body` is sealed. Times epoch ms. */
export interface NewDelivery {
  readonly id: string
  readonly provider: string
  readonly key: string
  readonly channel: string
  readonly topic: string
  readonly body: string
  readonly bytes: number
  readonly at: number
  /** What another delivery with the same key is: the same message, or the same words about something new. */
  readonly repeated: 'same' | 'anew'
}

/**
 * `new`: it was not known. `anew`: it was, and is to be worked on once more. `repeat`: it was, and nothing is to be done; its work may still
 * lie ahead.
 */
export type Kept = 'new' | 'anew' | 'repeat'

/** The same words said anew are worked on no sooner than this after the last time: a sender that repeats itself costs calls. */
const REST_MS = 10_000

const columns = 'id, provider, delivery_key, channel, topic, body, bytes, state, received_at, next_attempt_at'
const known = 'on conflict (provider, delivery_key) do update set times = inbox.times + 1'

/** Nobody has begun with it, so that whoever does will see what is meant now. */
const unbegun = `inbox.state in ('pending', 'waiting')`

const saidAnew = (greatest: Db['dialect']['greatest']) => `${known},
  received_at = case when ${unbegun} then inbox.received_at else excluded.received_at end,
  generation = inbox.generation + case when ${unbegun} then 0 else 1 end,
  attempts = case when ${unbegun} then inbox.attempts else 0 end,
  next_attempt_at = case when inbox.state in ('done', 'dead')
    then ${greatest('excluded.received_at', 'inbox.done_at + cast(? as bigint)')} else inbox.next_attempt_at end,
  done_at = null, outcome = case when ${unbegun} then inbox.outcome else null end,
  state = case when inbox.state in ('done', 'dead') then 'pending' else inbox.state end`

/** Keeps deliveries; what became of each, in their order. To be committed before they are answered. */
export async function keepDeliveries(tx: Db, deliveries: readonly NewDelivery[]): Promise<readonly Kept[]> {
  const kept = new Map<NewDelivery, Kept>()
  let rest = deliveries
  while (rest.length > 0) {
    // One statement cannot meet the same row twice: what stands there again has its own.
    const first = new Map<string, NewDelivery>()
    for (const one of rest) {
      const key = keyOf(one.provider, one.key)
      if (!first.has(key)) first.set(key, one)
    }
    for (const repeated of ['same', 'anew'] as const) {
      const own = [...first.values()].filter((one) => one.repeated === repeated)
      for (const [one, outcome] of await keepDistinct(tx, own, repeated)) kept.set(one, outcome)
    }
    const met = new Set(first.values())
    rest = rest.filter((one) => !met.has(one))
  }
  return deliveries.map((one) => kept.get(one) ?? 'repeat')
}

interface KeptRow {
  readonly id: string
  readonly provider: string
  readonly key: string
  readonly received_at: number
}

const types: Readonly<Record<string, 'text' | 'bigint'>> = {
  id: 'text',
  provider: 'text',
  key: 'text',
  channel: 'text',
  topic: 'text',
  body: 'text',
  bytes: 'bigint',
  at: 'bigint',
}

/** All of them in one statement: each would cost a way to the server and back. In the order of their keys, as every process does it. */
async function keepDistinct(
  tx: Db,
  deliveries: readonly NewDelivery[],
  repeated: NewDelivery['repeated'],
): Promise<ReadonlyMap<NewDelivery, Kept>> {
  if (deliveries.length === 0) return new Map()
  const again = repeated === 'same' ? known : saidAnew(tx.dialect.greatest)
  const rows = await tx.rows<KeptRow>(
    `insert into inbox (${columns})
     select x.id, x.provider, x.key, x.channel, x.topic, x.body, x.bytes, 'pending', x.at, x.at
     from ${tx.dialect.recordset(types)} where true order by x.provider, x.key ${again} returning id, provider, delivery_key as "key", received_at`,
    [recordsOf(tx, deliveries), ...(repeated === 'same' ? [] : [REST_MS])],
  )
  const byKey = new Map(rows.map((row) => [keyOf(row.provider, row.key), row]))
  return new Map(
    deliveries.map((one) => {
      const row = byKey.get(keyOf(one.provider, one.key))
      if (row?.id === one.id) return [one, 'new']
      return [one, repeated === 'anew' && row?.received_at === one.at ? 'anew' : 'repeat']
    }),
  )
}

function keyOf(provider: string, key: string): string {
  return `${provider} ${key}`
}
