import type { ChannelSettings } from '../../../src/core/context.ts'
import { type FindingRow, findingsOf } from '../../../src/core/db/findings.ts'
import type { NormalizedOrder } from '../../../src/core/model/order.ts'
import { pushOrders } from '../../../src/core/orders/push-orders.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import type { OpenOrder } from '../../../src/core/ports/marketplace.ts'
import type { PushOrder, PushOutcome } from '../../../src/core/ports/shipping.ts'
import { type ReconcileReport, type ReconcileRequest, reconcile } from '../../../src/core/reconcile/reconcile.ts'
import { aChannel, type TestChannel } from '../../world/a-channel.ts'
import { MINUTE, noon, SECOND } from '../../world/a-clock.ts'
import { amazonUs, aRun, aRunOn, macys, type TestRun } from '../../world/a-run.ts'
import { aFoundOrder, aShipping, type TestShipping } from '../../world/a-shipping.ts'
import type { TestDatabase } from '../../world/databases.ts'

/** An order of a channel's list of open ones, an hour old. */
export function open(externalOrderId: string, change: Partial<OpenOrder> = {}): OpenOrder {
  return { externalOrderId, createdAt: noon - 60 * MINUTE, ...change }
}

/** Two channels, ShipStation and a database, over several runs of the command. */
export class Desk {
  run!: TestRun
  amazon!: TestChannel
  mirakl!: TestChannel
  shipping!: TestShipping
  #runs = 0
  #nextId = 5001
  readonly #database: TestDatabase

  constructor(database: TestDatabase) {
    this.#database = database
  }

  async given(settings: Parameters<typeof aRun>[1] = {}): Promise<void> {
    this.run = await aRun(this.#database, settings)
    this.amazon = aChannel()
    this.mirakl = aChannel({ channel: 'mirakl-macys' })
    this.shipping = aShipping()
    this.shipping.answer = this.stores
  }

  /** As ShipStation does: what it stored is in its list. */
  readonly stores = ({ order, orderKey, shipStationOrderId: known }: PushOrder): PushOutcome => {
    const id = known ?? this.#nextId++
    this.shipping.holds(aFoundOrder(id, { orderNumber: order.externalOrderId, orderKey, orderStatus: 'awaiting_shipment' }))
    return { status: 'stored', shipStationOrderId: id }
  }

  /** ShipStation's answer to an order that somebody deletes there at once. */
  readonly loses = (): PushOutcome => ({ status: 'stored', shipStationOrderId: this.#nextId++ })

  async stored(...orders: readonly NormalizedOrder[]): Promise<void> {
    for (const order of orders) {
      const channel: ChannelSettings = order.channel === 'amazon-us' ? amazonUs : macys
      await this.run.db.transaction((tx) => storePage(tx, this.run, channel, { orders: [order], poison: [], skipped: 0 }))
    }
  }

  async pushed(...orders: readonly NormalizedOrder[]): Promise<void> {
    await this.stored(...orders)
    await pushOrders(this.run, this.shipping)
  }

  /** The next run of the command, somewhat later. */
  async reconciled(change: Partial<ReconcileRequest> = {}, later = SECOND): Promise<ReconcileReport> {
    const { run, amazon, mirakl, shipping } = this
    await run.clock.advance(later)
    this.run = aRunOn(run.db, { name: `run${++this.#runs}`, clock: run.clock, settings: run.settings })
    return reconcile(this.run, { connectors: [amazon, mirakl], shipping, remedy: true, ...change })
  }

  rows(): Promise<FindingRow[]> {
    return findingsOf(this.run.db, this.run.id, ['amazon-us', 'mirakl-macys', 'shipstation'], 100)
  }

  /** What the last run saw and what is open: `open critical missing amazon-us A-1`. */
  async findings(): Promise<readonly string[]> {
    return (await this.rows()).map(
      ({ kind, channel, external_order_id: order, severity, state }) => `${state} ${severity} ${kind} ${channel} ${order}`,
    )
  }

  async about(kind: string): Promise<FindingRow | undefined> {
    return (await this.rows()).find((row) => row.kind === kind)
  }
}
