import { describe, expect, it } from 'vitest'
import { insertMany } from '../../../src/core/db/db.ts'
import { openDb } from '../../../src/core/db/open.ts'
import { databases } from '../../world/databases.ts'

const event = (n: number, entityId: string) => ({
  id: `event-${String(n).padStart(6, '0')}`,
  at: 1_800_000_000_000 + n,
  run_id: null,
  actor: 'test',
  entity: 'order',
  entity_id: entityId,
  what: 'pulled',
  detail: null,
})

describe.each(databases)('many rows at once on $name', ({ migrated }) => {
  it('come back as they were: numbers, nulls, quotes, backslashes, emoji', async () => {
    const db = await openDb(await migrated())
    const texts = [
      'plain',
      'it\'s "quoted"',
      'C:\\path\\u0041',
      '{"a":[1]}',
      'naïve 日本 👩‍👩‍👧',
      '',
      ' $1 ?::json ',
      'line\nbreak\ttab',
    ]
    const rows = texts.map((text, n) => event(n, text))
    await db.transaction((tx) => insertMany(tx, 'events', rows))
    expect(await db.rows('select * from events order by id')).toEqual(rows)
    await db.close()
  })

  it('that are more than one statement takes all arrive', async () => {
    const db = await openDb(await migrated())
    await db.transaction((tx) =>
      insertMany(
        tx,
        'events',
        Array.from({ length: 2_345 }, (_, n) => event(n, `order-${n}`)),
      ),
    )
    const [count] = await db.rows<{ n: number }>('select count(*) as n, min(at) as first, max(at) as last from events')
    expect(count).toMatchObject({ n: 2_345, first: 1_800_000_000_000, last: 1_800_000_002_344 })
    await db.close()
  })

  it('leave a row that is there as it is, where asked to', async () => {
    const db = await openDb(await migrated())
    await insertMany(db, 'events', [event(1, 'first')])
    await insertMany(db, 'events', [event(1, 'second'), event(2, 'new')], 'on conflict (id) do nothing')
    expect(await db.rows('select entity_id from events order by id')).toEqual([{ entity_id: 'first' }, { entity_id: 'new' }])
    await db.close()
  })

  it('take a title that PostgreSQL has no text for: the page of such an order is not lost', async () => {
    const db = await openDb(await migrated())
    await insertMany(db, 'events', [event(1, 'half a \ud83d pair'), event(2, 'NUL \0 inside'), event(3, 'neighbour')])
    await db.run('update events set what = ? where entity_id = ?', ['seen \0 again', 'neighbour'])
    const rows = await db.rows<{ entity_id: string }>('select entity_id from events order by id')
    expect(rows.map((row) => row.entity_id)).toEqual([
      expect.stringMatching(/^half a . pair$/),
      expect.stringMatching(/^NUL .? inside/s),
      'neighbour',
    ])
    await db.close()
  })
})
