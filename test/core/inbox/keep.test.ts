import { describe, expect, it } from 'vitest'
import { openInbox } from '../../../src/core/inbox/keep.ts'
import { assertKeysFit } from '../../../src/core/privacy/key-check.ts'
import { newKey } from '../../../src/core/privacy/keys.ts'
import { rotateKeys } from '../../../src/core/privacy/rotate.ts'
import { createVault } from '../../../src/core/privacy/vault.ts'
import { purge } from '../../../src/core/retention/purge.ts'
import { DAY, noon, SECOND } from '../../world/a-clock.ts'
import { aRun } from '../../world/a-run.ts'
import { databases } from '../../world/databases.ts'
import { aDelivery, anOrderHint, box, keep, nothing, someHands, states, work } from './a-post.ts'

const anew = { repeated: 'anew' } as const

describe.each(databases)('a delivery on $name', (database) => {
  it('is kept encrypted, before anybody hears that it was', async () => {
    const run = await aRun(database)
    const delivery = aDelivery('k1', anOrderHint('amazon-us', 'A-SECRET'), { channel: 'amazon-us' })
    expect(await keep(run, 'orders', delivery)).toEqual(['new'])
    const [row] = await box(run)
    expect(row).toMatchObject({ provider: 'orders', key: 'k1', state: 'pending', times: 1, received_at: noon })
    expect(JSON.stringify(row)).not.toContain('A-SECRET')
    expect(Buffer.from(run.vault.open('inbox', 'body', 'orders/k1', row?.body ?? ''), 'base64')).toEqual(delivery.body)
  })

  it('is not answered when it could not be kept, and neither is what came with it', async () => {
    const run = await aRun(database)
    const broken = { ...run.db, transaction: async () => Promise.reject(new Error('disk full')) }
    const inbox = openInbox({ ...run, db: broken })
    const answers = await Promise.allSettled([
      inbox.keep('orders', [aDelivery('k1', nothing)]),
      inbox.keep('zoho', [aDelivery('k2', nothing)]),
    ])
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await states(run)).toEqual([])
    // The next one finds a database that works again.
    expect(await openInbox(run).keep('orders', [aDelivery('k1', nothing)])).toEqual(['new'])
  })

  it('shares one commit with all that come at the same time, and each is answered with its own result', async () => {
    const run = await aRun(database)
    let commits = 0
    const counting = {
      ...run.db,
      transaction: ((work) => {
        commits += 1
        return run.db.transaction(work)
      }) as typeof run.db.transaction,
    }
    const inbox = openInbox({ ...run, db: counting })
    const keys = Array.from({ length: 300 }, (_, n) => `k${n % 250}`)
    const answers = await Promise.all(keys.map((key) => inbox.keep('orders', [aDelivery(key, nothing)])))
    expect(
      answers
        .slice(0, 250)
        .flat()
        .every((one) => one === 'new'),
    ).toBe(true)
    expect(
      answers
        .slice(250)
        .flat()
        .every((one) => one === 'repeat'),
    ).toBe(true)
    expect(commits).toBeLessThanOrEqual(2)
    await inbox.idle()
    const rows = await box(run)
    expect(rows).toHaveLength(250)
    expect(rows.filter(({ times }) => times === 2)).toHaveLength(50)
  })

  it('that comes twice in one request is one', async () => {
    const run = await aRun(database)
    expect(
      await keep(run, 'zoho', aDelivery('k1', nothing, anew), aDelivery('k1', nothing, anew), aDelivery('k2', nothing)),
    ).toEqual(['new', expect.stringMatching(/repeat|anew/), 'new'])
    expect(await states(run)).toEqual(['k1 pending', 'k2 pending'])
  })

  it('with the same key of another sender is another', async () => {
    const run = await aRun(database)
    await keep(run, 'orders', aDelivery('k1', nothing))
    expect(await keep(run, 'zoho', aDelivery('k1', nothing))).toEqual(['new'])
  })

  it('of the same message is never worked on again, whatever became of it', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    await keep(run, 'orders', aDelivery('k1', nothing))
    expect(await keep(run, 'orders', aDelivery('k1', nothing))).toEqual(['repeat'])
    await work(run, hands, 'orders')
    expect(await keep(run, 'orders', aDelivery('k1', nothing))).toEqual(['repeat'])
    await run.clock.advance(DAY)
    expect(await work(run, hands, 'orders')).toEqual({ done: 0, later: 0, dead: 0 })
    expect(await box(run)).toMatchObject([{ state: 'done', times: 3, received_at: noon }])
  })

  it('said anew counts once while the first still waits, and again after it was worked on, but not at once', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    await keep(run, 'zoho', aDelivery('k1', nothing, anew))
    await run.clock.advance(SECOND)
    expect(await keep(run, 'zoho', aDelivery('k1', nothing, anew))).toEqual(['repeat'])
    expect(await box(run)).toMatchObject([{ state: 'pending', times: 2, received_at: noon, generation: 0 }])

    expect(await work(run, hands, 'zoho')).toMatchObject({ done: 1 })
    await run.clock.advance(SECOND)
    expect(await keep(run, 'zoho', aDelivery('k1', nothing, anew))).toEqual(['anew'])
    expect(await box(run)).toMatchObject([{ state: 'pending', done_at: null, outcome: null, attempts: 0 }])
    expect(await work(run, hands, 'zoho')).toMatchObject({ done: 0 })
    await run.clock.advance(10 * SECOND)
    expect(await work(run, hands, 'zoho')).toMatchObject({ done: 1 })
  })

  it('said anew after it was given up has all of its tries again', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    const unreadable = { kind: 'unreadable', why: 'no JSON' } as const
    await keep(run, 'zoho', aDelivery('k1', unreadable, anew))
    expect(await work(run, hands, 'zoho')).toMatchObject({ dead: 1 })
    await run.clock.advance(DAY)
    expect(await keep(run, 'zoho', aDelivery('k1', unreadable, anew))).toEqual(['anew'])
    expect(await box(run)).toMatchObject([{ state: 'pending', attempts: 0 }])
  })

  it('can be opened after the keys were changed, and with the new key alone', async () => {
    const [k1, k2] = [newKey('k1'), newKey('k2')]
    const run = { ...(await aRun(database)), vault: createVault(k1) }
    await assertKeysFit(run.db, run.vault, noon)
    await keep(run, 'orders', aDelivery('k1', nothing), aDelivery('a/b', { kind: 'nothing', why: 'other news' }))
    const { resealed, removable } = await rotateKeys({ ...run, vault: createVault(`${k2},${k1}`) }, () => undefined)
    expect({ resealed, removable }).toEqual({ resealed: 3, removable: ['k1'] })
    await work({ ...run, vault: createVault(k2) }, someHands(run), 'orders')
    expect((await box(run)).map(({ key, outcome }) => `${key}: ${outcome}`)).toEqual(['a/b: other news', 'k1: no news'])
  })

  it('leaves with retention.inbox_days after it was over, and not while it waits', async () => {
    const run = await aRun(database)
    await assertKeysFit(run.db, run.vault, noon)
    await keep(run, 'orders', aDelivery('over', nothing))
    await work(run, someHands(run), 'orders')
    await keep(run, 'orders', aDelivery('waits', nothing))
    await run.clock.advance(13 * DAY)
    await purge(run, undefined, () => undefined)
    expect(await states(run)).toEqual(['over done', 'waits pending'])
    await run.clock.advance(DAY + SECOND)
    await purge(run, undefined, () => undefined)
    expect(await states(run)).toEqual(['waits pending'])
  })
})
