import { describe, expect, it } from 'vitest'
import { RetryableError } from '../../../src/core/errors.ts'
import { acknowledgeOrders } from '../../../src/core/orders/acknowledge.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { aChannel } from '../../world/a-channel.ts'
import { MINUTE, SECOND } from '../../world/a-clock.ts'
import { aRun, macys } from '../../world/a-run.ts'
import { anOrder } from '../../world/an-order.ts'
import { tasksOf } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'

describe.each(databases)('an acknowledgement whose answer was lost, on $name,', (database) => {
  it('is said again after the first delay: it is harmless twice, and the marketplace counts the time until it is said', async () => {
    const run = await aRun(database)
    const order = anOrder('M-1', { channel: macys.code, shipTo: null, status: 'awaiting_acceptance' })
    await run.db.transaction((tx) => storePage(tx, run, macys, { orders: [order], poison: [], skipped: 0 }))
    const channel = aChannel({ channel: macys.code, settleMs: 5 * MINUTE })
    channel.fail = new RetryableError('the connection broke off', {
      ...{ account: macys.code, operation: 'accept', outcomeUnknown: true },
    })
    await acknowledgeOrders(run, channel)
    expect(await tasksOf(run.db)).toMatchObject([{ kind: 'acknowledge', state: 'waiting' }])

    run.clock.advance(29 * SECOND)
    await acknowledgeOrders(run, channel)
    expect(channel.acknowledged).toEqual(['M-1'])
    run.clock.advance(SECOND)
    expect(await acknowledgeOrders(run, channel)).toMatchObject({ done: 1 })
    expect(channel.acknowledged).toEqual(['M-1', 'M-1'])
  })
})
