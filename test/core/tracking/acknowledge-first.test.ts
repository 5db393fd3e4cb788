import { describe, expect, it } from 'vitest'
import type { ChannelSettings } from '../../../src/core/context.ts'
import { addTasks } from '../../../src/core/db/tasks.ts'
import { RetryableError, ThrottledError } from '../../../src/core/errors.ts'
import { acknowledgeOrders } from '../../../src/core/orders/acknowledge.ts'
import { confirmChannel } from '../../../src/core/tracking/sync-tracking.ts'
import { aChannel, type TestChannel } from '../../world/a-channel.ts'
import { MINUTE, SECOND } from '../../world/a-clock.ts'
import { amazonUs } from '../../world/a-run.ts'
import { aShipment } from '../../world/a-shipment.ts'
import { anOrder } from '../../world/an-order.ts'
import { orderRow } from '../../world/books.ts'
import { databases, type TestDatabase } from '../../world/databases.ts'
import { aShelf } from './shelf.ts'

const dsco: ChannelSettings = { ...amazonUs, code: 'dsco-acme', storeId: 20005, acknowledges: 'after-push' }
const facts = { account: dsco.code, operation: 'acknowledge' }

/** Two orders in ShipStation whose acknowledgements failed; the first has just shipped. `said` tells what the channel hears, in order. */
async function given(database: TestDatabase, why: Error) {
  const shelf = await aShelf(database, { settings: { channels: new Map([[dsco.code, dsco]]) } })
  const { run } = shelf
  await shelf.place(...['D-1', 'D-2'].map((id) => anOrder(id, { channel: dsco.code })))
  for (const id of ['D-1', 'D-2']) {
    const task = { id: run.ids.next(), kind: 'acknowledge', key: `${dsco.code}:${id}`, channel: dsco.code } as const
    await addTasks(run.db, [{ ...task, orderId: (await orderRow(run.db, id)).id, shipmentId: null }], run.clock.now())
  }
  const said: string[] = []
  const heard = aChannel({ channel: dsco.code })
  const channel: TestChannel = Object.assign(heard, {
    acknowledgeOrders: listening(said, 'acknowledge', heard.acknowledgeOrders?.bind(heard)),
    confirmShipments: listening(said, 'confirm', heard.confirmShipments.bind(heard)),
  })
  channel.fail = why
  await acknowledgeOrders(run, channel)
  said.length = 0
  await shelf.take(aShipment(1))
  return { run, channel, said }
}

/** Writes down what is said, and passes it on. */
function listening<I extends { readonly externalOrderId: string }, R>(
  said: string[],
  what: string,
  pass: ((items: readonly I[], signal: AbortSignal) => Promise<R>) | undefined,
): (items: readonly I[], signal: AbortSignal) => Promise<R> {
  return (items, signal) => {
    said.push(...items.map(({ externalOrderId }) => `${what} ${externalOrderId}`))
    if (pass === undefined) throw new Error(`the channel has no ${what}`)
    return pass(items, signal)
  }
}

describe.each(databases)('an order that ships before its acknowledgement came through, on $name,', (database) => {
  it('is acknowledged before its package is told: from then on the marketplace takes none', async () => {
    const { run, channel, said } = await given(database, new RetryableError('answered 503', facts))
    await run.clock.advance(SECOND)

    expect(await confirmChannel(run, channel)).toMatchObject({ counts: { confirmed: 1 } })

    expect(said).toEqual(['acknowledge D-1', 'confirm D-1'])
    await run.clock.advance(MINUTE)
    expect(await acknowledgeOrders(run, channel)).toMatchObject({ done: 1 })
    expect(said.at(-1)).toBe('acknowledge D-2')
  })

  it('does not keep its package waiting when it fails again', async () => {
    const { run, channel, said } = await given(database, new RetryableError('answered 503', facts))
    channel.fail = new RetryableError('answered 503', facts)
    await run.clock.advance(SECOND)
    expect(await confirmChannel(run, channel)).toMatchObject({ counts: { confirmed: 1 } })
    expect(said).toEqual(['acknowledge D-1', 'confirm D-1'])
  })

  it('is not acknowledged sooner than the vendor said', async () => {
    const { run, channel, said } = await given(database, new ThrottledError('too many', { ...facts, waitMs: 10 * MINUTE }))
    await run.clock.advance(SECOND)
    await confirmChannel(run, channel)
    expect(said).toEqual(['confirm D-1'])
  })
})
