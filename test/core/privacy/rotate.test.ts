import { describe, expect, it } from 'vitest'
import type { Db } from '../../../src/core/db/db.ts'
import { sealedColumns } from '../../../src/core/db/sealed.ts'
import { openInbox } from '../../../src/core/inbox/keep.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { assertKeysFit } from '../../../src/core/privacy/key-check.ts'
import { newKey } from '../../../src/core/privacy/keys.ts'
import { keyUse, type RotateReport, rotateKeys } from '../../../src/core/privacy/rotate.ts'
import { createVault, type Vault } from '../../../src/core/privacy/vault.ts'
import { orderReports } from '../../../src/core/reports/order.ts'
import { projectFiles, read } from '../../architecture/files.ts'
import { noon } from '../../world/a-clock.ts'
import { amazonUs, aRun, type TestRun } from '../../world/a-run.ts'
import { anOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'

const k1 = newKey('k1')
const k2 = newKey('k2')
const old = createVault(k1)
const both = createVault(`${k2},${k1}`)
const fresh = createVault(k2)

describe.each(databases)('new keys on $name', (database) => {
  /** Everything that is encrypted, with k1: the check of the keys, a token, a webhook, and so many orders with their documents. */
  async function aHouse(orders: number): Promise<TestRun & { readonly vault: Vault }> {
    const run = { ...(await aRun(database)), vault: old }
    await assertKeysFit(run.db, old, noon)
    await run.db.run('insert into access_tokens (account, fingerprint, token) values (?, ?, ?)', [
      'amazon-us',
      'f',
      old.seal('access_tokens', 'token', 'amazon-us', 'a token'),
    ])
    const all = Array.from({ length: orders }, (_, n) =>
      anOrder(`A-${n}`, { notes: `note ${n}`, raw: { n, text: 'x'.repeat(2000) } }),
    )
    await run.db.transaction((tx) => storePage(tx, run, amazonUs, { orders: all, poison: [], skipped: 0 }))
    await openInbox(run).keep('zoho', [{ key: 'k', repeated: 'same', topic: 'item', body: Buffer.from('{}') }])
    return run
  }

  function rotated(run: TestRun, vault = both): Promise<RotateReport> {
    return rotateKeys({ ...run, vault }, () => undefined)
  }

  it('encrypt everything that the old one did, after which the old one is not needed', async () => {
    const run = await aHouse(450)

    const report = await rotated(run)

    // 3 columns and a document of each order, a token, a webhook, the check of the keys.
    expect(report).toMatchObject({
      current: 'k2',
      resealed: 4 * 450 + 3,
      unopened: 0,
      others: {},
      removable: ['k1'],
      verdict: 'done',
    })
    expect(report.columns.map(({ table, column, keys }) => [`${table}.${column}`, keys])).toEqual([
      ['settings.value', { k2: 1 }],
      ['access_tokens.token', { k2: 1 }],
      ['orders.buyer', { k2: 450 }],
      ['orders.ship_to', { k2: 450 }],
      ['orders.messages', { k2: 450 }],
      ['order_payloads.payload', { k2: 450 }],
      ['inbox.body', { k2: 1 }],
    ])
    await assertKeysFit(run.db, fresh, noon)
    for (const id of ['A-0', 'A-449']) {
      const [found] = await orderReports(run.db, fresh, id, { raw: true })
      expect(found?.document).toMatchObject({
        buyer_name: 'Ada Lovelace',
        notes: `note ${id.slice(2)}`,
        raw_payload: { n: Number(id.slice(2)) },
      })
    }
    expect(await rotated(run)).toMatchObject({ resealed: 0, verdict: 'done' })
  })

  it('take up where a run that was stopped has left off', async () => {
    const run = await aHouse(450)
    let seen = 0
    await rotateKeys({ ...run, vault: both }, (done) => {
      seen = done
      if (done > 300) run.stop()
    })
    const half = await keyUse({ ...run, vault: both })
    expect(seen).toBeLessThan(1802)
    expect(half.others).toEqual({ k1: 1803 - seen })
    expect(half.removable).toEqual([])

    const again = { ...run, signal: new AbortController().signal }
    expect(await rotated(again)).toMatchObject({ resealed: 1803 - seen, verdict: 'done' })
  })

  it('let a value win that somebody else writes meanwhile, with whichever key', async () => {
    const run = await aHouse(3)
    let once = true
    const slow: Vault = {
      ...both,
      open(table, column, row, sealed) {
        // Between reading and writing, a pull that still has the old key in front.
        if (once && column === 'buyer') {
          once = false
          meanwhile = run.db.run('update orders set buyer = ? where external_order_id = ?', [
            old.seal('orders', 'buyer', 'amazon-us/A-1', '{"name":"Grace Hopper"}'),
            'A-1',
          ])
        }
        return both.open(table, column, row, sealed)
      },
    }
    let meanwhile: Promise<unknown> = Promise.resolve()

    const report = await rotated(run, slow)
    await meanwhile

    expect(report).toMatchObject({ verdict: 'done', others: {} })
    expect((await orderReports(run.db, fresh, 'A-1', { raw: false }))[0]?.document.buyer_name).toBe('Grace Hopper')
  })

  it('leave alone what no key opens, say where it is, and keep the old keys needed', async () => {
    const run = await aHouse(3)
    const lost = createVault(newKey('k0')).seal('orders', 'buyer', 'amazon-us/A-0', '{}')
    await run.db.run('update orders set buyer = ? where external_order_id = ?', [lost, 'A-0'])
    // A value of another row: it does not open here.
    await run.db.run(
      `update orders set ship_to = (select o.ship_to from orders o where o.external_order_id = 'A-2') where external_order_id = 'A-1'`,
    )
    await run.db.run(`update orders set messages = 'in the open' where external_order_id = 'A-2'`)

    const report = await rotated(run)

    expect(report).toMatchObject({ unopened: 3, verdict: 'partly', others: { k0: 1, k1: 1, '': 1 }, removable: [] })
    expect(report.examples.map(({ where }) => where)).toEqual([
      'orders.buyer of amazon-us/A-0',
      'orders.ship_to of amazon-us/A-1',
      'orders.messages of amazon-us/A-2',
    ])
    expect(report.examples[0]?.why).toContain('encrypted with key k0')
    expect(await run.db.rows('select buyer from orders where external_order_id = ?', ['A-0'])).toEqual([{ buyer: lost }])
  })

  it('know every column in which something encrypted stands, and no other', async () => {
    const run = await aHouse(2)
    const known = sealedColumns.map(({ table, column }) => `${table}.${column}`)
    expect(await columnsWithSealedValues(run.db)).toEqual([...known].sort())
  })
})

it('every table that the program seals values of is among those that new keys go through', () => {
  const sealed = projectFiles()
    .filter((file) => file.startsWith('src/') && file.endsWith('.ts'))
    .flatMap((file) => [...read(file).matchAll(/\.seal\(\s*'(\w+)'/g)].map(([, table]) => table))
  expect(sealed).toContain('orders')
  expect([...new Set(sealed)].sort()).toEqual([...new Set(sealedColumns.map(({ table }) => table))].sort())
})

async function columnsWithSealedValues(db: Db): Promise<string[]> {
  const columns = await db.rows<{ table: string; column: string }>(
    db.dialect.name === 'sqlite'
      ? `select m.name as "table", c.name as "column" from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite%'`
      : `select table_name as "table", column_name as "column" from information_schema.columns where table_schema = 'public' and data_type in ('text', 'character varying')`,
  )
  const found: string[] = []
  for (const { table, column } of columns) {
    const [row] = await db.rows(`select 1 as one from "${table}" where cast("${column}" as text) like 'v_:k_:%' limit 1`)
    if (row !== undefined) found.push(`${table}.${column}`)
  }
  return found.sort()
}
