import { expect, it } from 'vitest'
import type { ChannelSettings } from '../../../src/core/context.ts'
import { personalMask } from '../../../src/core/orders/personal.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { amazonUs, aRun } from '../../world/a-run.ts'
import { anOrder } from '../../world/an-order.ts'
import { orderRow } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'

const ebayUs: ChannelSettings = { ...amazonUs, code: 'ebay-us', storeId: 20004 }

it('a message keeps the name of its channel, though a hub’s address holds it, and nothing about the buyer', async () => {
  const [database] = databases
  const run = await aRun(database!, { settings: { channels: new Map([['ebay-us', ebayUs]]) } })
  const { shipTo } = anOrder('21-1')
  const order = anOrder('21-1', {
    channel: 'ebay-us',
    shipTo: { ...shipTo!, name: 'Zoë Müller', address1: '1 Hub Drive', address2: 'eBay:EX00000042' },
  })
  await run.db.transaction((tx) => storePage(tx, run, ebayUs, { orders: [order], poison: [], skipped: 0 }))

  const mask = await personalMask(run, [(await orderRow(run.db, '21-1')).id])

  expect(mask('ebay-us CompleteSale: connection failed')).toBe('ebay-us CompleteSale: connection failed')
  expect(mask('ebay-us CompleteSale: Müller, 1 Hub Drive, EX00000042')).toBe('ebay-us CompleteSale: [personal], 1 [personal]')
})
