import { describe, expect, it } from 'vitest'
import { PermanentError, RetryableError } from '../../../src/core/errors.ts'
import type { NormalizedOrder, OrderLine } from '../../../src/core/model/order.ts'
import { pushOrders } from '../../../src/core/orders/push-orders.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { orderReports } from '../../../src/core/reports/order.ts'
import { confirmShipments } from '../../../src/core/tracking/confirm.ts'
import { intakeStream } from '../../../src/core/tracking/intake.ts'
import { aChannel } from '../../world/a-channel.ts'
import { aHeldLease, amazonUs, aRun, type RunOptions, type TestRun } from '../../world/a-run.ts'
import { aShipment } from '../../world/a-shipment.ts'
import { aFoundOrder, aShipping, type TestShipping } from '../../world/a-shipping.ts'
import { aLine, anAddress, anOrder } from '../../world/an-order.ts'
import { historyOf, orderRow } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'

/** The table of docs/operations.md, "When an order changes": what each change does at each moment of an order's life. */

const moments = ['before its push', 'pushed', 'left in part', 'left'] as const
type Moment = (typeof moments)[number]

const order = anOrder('A-1', { lines: [aLine('L1', { qty: 3 }), aLine('L2')] })
const refused = new PermanentError('cannot be held', { account: 'shipstation', operation: 'holduntil', status: 400 })

/** As the channel counts the units that have left by then. */
function counted(moment: Moment, change: Partial<NormalizedOrder>): NormalizedOrder {
  const lines = change.lines ?? order.lines
  const left: Readonly<Record<string, number>> = moment === 'left' ? { L1: 3, L2: 1 } : moment === 'left in part' ? { L1: 1 } : {}
  const count = (line: OrderLine): OrderLine => {
    const qtyShipped = Math.min(line.qty, left[line.externalLineId] ?? 0)
    return { ...line, qtyShipped, qtyToShip: line.qty - qtyShipped }
  }
  const all = lines.map(count)
  const some = all.some(({ qtyToShip }) => qtyToShip > 0)
  const status = change.status ?? (some ? (left['L1'] === undefined ? 'open' : 'partially_shipped') : 'shipped')
  return { ...order, ...change, lines: all, status, updatedAt: order.updatedAt + 10 }
}

interface Outcome {
  /** What ShipStation was asked. */
  readonly there: string
  readonly alert?: string
}

const nothing: Outcome = { there: '' }
const held: Outcome = { there: 'hold 5001' }
const tooLate: Outcome = { there: '', alert: 'changed-after-shipping' }

type Row = readonly [name: string, change: Partial<NormalizedOrder>, outcomes: Readonly<Record<Moment, Outcome>>]

const table: readonly Row[] = [
  [
    'is cancelled',
    { status: 'cancelled' },
    {
      'before its push': nothing,
      pushed: { ...held, alert: 'cancelled-after-push' },
      'left in part': { ...held, alert: 'cancelled-after-push' },
      left: tooLate,
    },
  ],
  [
    'is put on hold: the buyer wants to cancel',
    { status: 'on_hold', flags: ['cancel_requested'] },
    {
      'before its push': nothing,
      pushed: { ...held, alert: 'on_hold-after-push' },
      'left in part': { ...held, alert: 'on_hold-after-push' },
      left: tooLate,
    },
  ],
  [
    'goes back to pending',
    { status: 'pending', shipTo: null },
    {
      'before its push': nothing,
      pushed: { ...held, alert: 'on_hold-after-push' },
      'left in part': { ...held, alert: 'on_hold-after-push' },
      left: tooLate,
    },
  ],
  [
    'gets another address',
    { shipTo: { ...anAddress, address1: '1 New Street', city: 'Salem', postal: '97301' } },
    {
      'before its push': { there: 'create L1x3 L2x1 to Salem' },
      pushed: { there: 'update L1x3 L2x1 to Salem' },
      'left in part': { there: 'update L1x3 L2x1 to Salem' },
      left: tooLate,
    },
  ],
  [
    'loses units',
    { lines: [aLine('L1', { qty: 2 }), aLine('L2')] },
    {
      'before its push': { there: 'create L1x2 L2x1' },
      pushed: { there: 'update L1x2 L2x1' },
      'left in part': { there: 'update L1x2 L2x1' },
      left: tooLate,
    },
  ],
  [
    'loses a line',
    { lines: [aLine('L1', { qty: 3 }), aLine('L2', { qty: 0 })] },
    {
      'before its push': { there: 'create L1x3' },
      pushed: { there: 'update L1x3' },
      'left in part': { there: 'update L1x3' },
      left: tooLate,
    },
  ],
  [
    'gets a further unit',
    { lines: [aLine('L1', { qty: 4 }), aLine('L2')] },
    {
      'before its push': { there: 'create L1x4 L2x1' },
      pushed: { there: 'update L1x4 L2x1' },
      'left in part': { there: 'update L1x4 L2x1' },
      left: { there: 'update L1x4 L2x1', alert: 'changed-after-shipping' },
    },
  ],
  [
    'gets a further line',
    { lines: [...order.lines, aLine('L3')] },
    {
      'before its push': { there: 'create L1x3 L2x1 L3x1' },
      pushed: { there: 'update L1x3 L2x1 L3x1' },
      'left in part': { there: 'update L1x3 L2x1 L3x1' },
      left: { there: 'update L1x3 L2x1 L3x1', alert: 'changed-after-shipping' },
    },
  ],
  [
    'gets a note for the packer',
    { notes: 'no plastic, please' },
    {
      'before its push': { there: 'create L1x3 L2x1' },
      pushed: { there: 'update L1x3 L2x1' },
      'left in part': { there: 'update L1x3 L2x1' },
      left: nothing,
    },
  ],
  [
    'is refunded in part',
    { refunded: 250 },
    {
      'before its push': { there: 'create L1x3 L2x1', alert: 'refunded-before-shipping' },
      pushed: { there: '', alert: 'refunded-before-shipping' },
      'left in part': { there: '', alert: 'refunded-before-shipping' },
      left: nothing,
    },
  ],
  [
    'is the same but for prices and dates',
    { shipBy: 1, totals: { ...order.totals, total: 1 } },
    { 'before its push': { there: 'create L1x3 L2x1' }, pushed: nothing, 'left in part': nothing, left: nothing },
  ],
]

const cells = table.flatMap(([name, change, outcomes]) =>
  moments.map((moment) => [name, moment, change, outcomes[moment]] as const),
)

describe.each(databases)('an order that changes, on $name', (database) => {
  let run: TestRun
  let shipping: TestShipping

  function store(...orders: readonly NormalizedOrder[]) {
    return run.db.transaction((tx) => storePage(tx, run, amazonUs, { orders, poison: [], skipped: 0 }))
  }

  /** An order that has come as far as this, and what ShipStation says of it then. */
  async function given(moment: Moment, options: RunOptions = {}): Promise<void> {
    run = await aRun(database, options)
    shipping = aShipping()
    await store(order)
    if (moment === 'before its push') return
    await pushOrders(run, shipping)
    shipping.holds(aFoundOrder(5001, { orderStatus: moment === 'left' ? 'shipped' : 'awaiting_shipment' }))
    if (moment === 'left in part') await pack(aShipment(1))
    if (moment === 'left') {
      const all = order.lines.map(({ externalLineId, qty }) => ({ externalLineId, quantity: qty }))
      await pack(aShipment(1, { items: all }))
      shipping.answer = () => ({ status: 'locked', shipStationOrderId: 5001, orderStatus: 'shipped' })
      shipping.holdOrder = async () => {
        throw refused
      }
    }
    shipping.calls.length = 0
    shipping.sent.length = 0
  }

  /** Taken in and confirmed. */
  async function pack(shipment: ReturnType<typeof aShipment>): Promise<void> {
    shipping.lists('shipments', [shipment])
    await intakeStream(run, shipping, 'shipments', await aHeldLease(run, shipment.id))
    await confirmShipments(run, aChannel())
  }

  /** `update L1x3 L2x1 to Salem`, `hold 5001`. */
  function askedOf(): string {
    const updates = shipping.sent.map(({ shipStationOrderId, order: { lines, shipTo } }) => {
      const goods = lines
        .filter(({ qtyToShip }) => qtyToShip > 0)
        .map(({ externalLineId: id, qtyToShip }) => `${id}x${qtyToShip}`)
      const where = shipTo?.city === anAddress.city ? '' : ` to ${shipTo?.city}`
      return `${shipStationOrderId === undefined ? 'create' : 'update'} ${goods.join(' ')}${where}`
    })
    const holds = shipping.calls.filter((call) => call.startsWith('holdOrder')).map((call) => call.replace('holdOrder', 'hold'))
    return [...updates, ...holds].join(', ')
  }

  async function alerts() {
    return run.db.rows<{ rule: string; severity: string; message: string; next: string }>(
      'select rule, severity, message, next from alerts where resolved_at is null order by rule',
    )
  }

  it.each(cells)('%s, %s', async (_name, moment, change, { there, alert }) => {
    await given(moment)

    await store(counted(moment, change))
    await pushOrders(run, shipping)

    expect(askedOf()).toBe(there)
    const raised = await alerts()
    expect(raised.map(({ rule }) => rule)).toEqual(alert === undefined ? [] : [alert])
    for (const { next, message } of raised) {
      expect(next).toContain('isync orders:show A-1')
      expect(message).toMatch(/^A-1 /)
    }
    const history = await historyOf(run.db, 'A-1')
    expect(history).toContain('changed')
    if (there !== '' && moment !== 'before its push') expect(history).toContain('to be changed at ShipStation')
    if (there.startsWith('update') && alert !== 'changed-after-shipping') expect(history.at(-1)).toBe('changed at ShipStation')
    // The same once more: nobody is told twice, and nothing is sent twice.
    shipping.calls.length = 0
    shipping.sent.length = 0
    await store(counted(moment, change))
    await pushOrders(run, shipping)
    expect(askedOf()).toBe('')
  })

  it('cancels what is cancelled, where the setting says so', async () => {
    await given('pushed', { settings: { onCancel: 'cancel' } })
    await store(counted('pushed', { status: 'cancelled' }))
    await pushOrders(run, shipping)
    expect(shipping.sent).toMatchObject([{ action: 'cancel', shipStationOrderId: 5001 }])
    expect((await orderRow(run.db, 'A-1')).push_state).toBe('cancelled')
  })

  it('is alerted as critical when it was cancelled after it left, with what to do first', async () => {
    await given('left')
    await store(counted('left', { status: 'cancelled' }))
    expect(await alerts()).toEqual([
      {
        rule: 'changed-after-shipping',
        severity: 'critical',
        message: 'A-1 was cancelled at the channel, but it has been shipped or cancelled at ShipStation already',
        next: 'stop the parcel at the carrier, or await it back; isync orders:show A-1',
      },
    ])
  })

  it('that ShipStation has shipped, unknown to us yet, is told as too late; the orders beside it go out', async () => {
    await given('pushed')
    shipping.holdOrder = async () => {
      throw refused
    }
    shipping.holds(aFoundOrder(5001, { orderStatus: 'shipped' }))
    await store(counted('pushed', { status: 'on_hold' }), anOrder('A-2'))

    expect(await pushOrders(run, shipping)).toMatchObject({ done: 2, dead: 0 })

    expect((await orderRow(run.db, 'A-1')).push_state).toBe('locked')
    expect((await orderRow(run.db, 'A-2')).push_state).toBe('pushed')
    expect((await alerts()).map(({ rule }) => rule)).toEqual(['changed-after-shipping', 'on_hold-after-push'])
  })

  it('that cannot be held for a reason of its own is given up alone', async () => {
    await given('pushed')
    shipping.holdOrder = async () => {
      throw refused
    }
    await store(counted('pushed', { status: 'on_hold' }), anOrder('A-2'))

    expect(await pushOrders(run, shipping)).toMatchObject({ done: 1, dead: 1 })

    expect((await orderRow(run.db, 'A-2')).push_state).toBe('pushed')
    expect((await alerts()).map(({ rule }) => rule)).toEqual(['dead-push', 'on_hold-after-push'])
  })

  it('waits when ShipStation itself is in trouble', async () => {
    await given('pushed')
    shipping.fail = new RetryableError('503', { account: 'shipstation', operation: 'holduntil' })
    await store(counted('pushed', { status: 'on_hold' }))
    expect(await pushOrders(run, shipping)).toMatchObject({ waiting: 1, dead: 0 })
  })

  it('is held where the rest of it was cancelled and the channel counts it as shipped', async () => {
    await given('left in part')
    const lines = [aLine('L1', { qty: 1, qtyToShip: 0, qtyShipped: 1 }), aLine('L2', { qty: 0 })]
    await store({ ...order, updatedAt: order.updatedAt + 10, status: 'shipped', lines })
    await pushOrders(run, shipping)

    expect(askedOf()).toBe('hold 5001')
    expect(await alerts()).toMatchObject([
      {
        rule: 'cancelled-after-push',
        message: 'A-1 was cancelled in part at the channel after it went to ShipStation; a part of it has left already',
      },
    ])
  })

  it('of which other hands have shipped a part is told to a person: ShipStation would ship it once more', async () => {
    await given('left in part')
    const lines = [aLine('L1', { qty: 3, qtyToShip: 0, qtyShipped: 3 }), aLine('L2')]
    await store({ ...order, updatedAt: order.updatedAt + 10, status: 'partially_shipped', lines })
    expect(await alerts()).toMatchObject([
      { rule: 'shipped-elsewhere', severity: 'critical', message: expect.stringContaining('has 2 units shipped by other hands') },
    ])
  })

  it('goes to ShipStation as a whole once the part that was held is let go', async () => {
    run = await aRun(database)
    shipping = aShipping()
    await store({ ...order, lines: [aLine('L1', { qty: 3, qtyToShip: 1 }), aLine('L2')] })
    await pushOrders(run, shipping)
    await store({ ...order, updatedAt: order.updatedAt + 1 })
    await pushOrders(run, shipping)

    expect(askedOf()).toBe('create L1x1 L2x1, update L1x3 L2x1')
    // And what is packed then is all of it: no package is one too many.
    await pack(aShipment(1, { items: [{ externalLineId: 'L1', quantity: 3 }] }))
    expect(await run.db.rows('select quantity from shipment_lines')).toEqual([{ quantity: 3 }])
  })

  it('never gets units back that had left before ShipStation was first told', async () => {
    run = await aRun(database)
    shipping = aShipping()
    const before = aLine('L1', { qty: 3, qtyToShip: 2, qtyShipped: 1 })
    await store({ ...order, status: 'partially_shipped', lines: [before] })
    await pushOrders(run, shipping)
    const lines = [{ ...before, qtyToShip: 1, qtyShipped: 2 }]
    await store({ ...order, status: 'partially_shipped', lines, notes: 'ring twice', updatedAt: order.updatedAt + 1 })
    await pushOrders(run, shipping)

    expect(askedOf()).toBe('create L1x2, update L1x2')
  })

  it('is told as too late when ShipStation has locked it and the channel goes on changing it', async () => {
    await given('pushed')
    await run.db.run(`update orders set push_state = 'locked'`)
    await store(counted('pushed', { shipTo: { ...anAddress, city: 'Salem', postal: '97301' } }))
    expect((await alerts()).map(({ rule }) => rule)).toEqual(['changed-after-shipping'])
  })

  it('that the channel opens again after we cancelled it at ShipStation needs a person', async () => {
    await given('pushed', { settings: { onCancel: 'cancel' } })
    await store(counted('pushed', { status: 'cancelled' }))
    await pushOrders(run, shipping)
    await run.db.run(`update alerts set resolved_at = 1`)
    await store({ ...order, updatedAt: order.updatedAt + 20 })
    expect(await alerts()).toMatchObject([{ rule: 'open-after-cancelling', severity: 'critical' }])
  })

  it('is not asked about for a refund once it has left, though the channel does not count that yet', async () => {
    await given('left')
    await store(counted('pushed', { refunded: 250 }))
    expect(await historyOf(run.db, 'A-1')).toContain('refunded')
    expect(await alerts()).toEqual([])
  })

  it('writes down what went back to the buyer each time, in the order’s own currency', async () => {
    run = await aRun(database)
    shipping = aShipping()
    const yen = { ...order, currency: 'JPY' }
    await store({ ...yen, refunded: 100 })
    await store({ ...yen, refunded: 350, updatedAt: order.updatedAt + 1 })
    await store({ ...yen, refunded: 50, updatedAt: order.updatedAt + 2 })

    const events = await run.db.rows<{ what: string; detail: string }>(
      `select what, detail from events where what like 'refund%' order by at, id`,
    )
    expect(events.map(({ what, detail }) => [what, JSON.parse(detail)])).toEqual([
      ['refunded', { amount_minor: 100, total_minor: 100, currency: 'JPY' }],
      ['refunded', { amount_minor: 250, total_minor: 350, currency: 'JPY' }],
      ['refund withdrawn', { amount_minor: 300, total_minor: 50, currency: 'JPY' }],
    ])
    expect((await alerts())[0]?.message).toBe('A-1 is still to be shipped, and 350 JPY of it went back to the buyer')
    const [report] = await orderReports(run.db, run.vault, 'A-1', { raw: false })
    expect(report?.document).toMatchObject({ currency: 'JPY', refunded: '50', tax_included: false, totals: { tax: '80' } })
    // A refund is the channel's matter; the goods come back to the stock when they do, in Zoho.
    expect(await run.db.rows(`select 1 as one from stock_movements where reason = 'given-back'`)).toEqual([])
  })
})
