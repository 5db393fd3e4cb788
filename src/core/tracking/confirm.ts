import type { Run } from '../context.ts'
import type { Db } from '../db/db.ts'
import { addEvents } from '../db/events.ts'
import { type LineRow, type OrderRow, ordersByIds, setOrderShipped } from '../db/orders.ts'
import { confirmedQuantities, linesOfShipments, type ShipmentLineRow, type ShipmentRow, shipmentsByIds } from '../db/shipments.ts'
import { type ConnectorError, RetryableError } from '../errors.ts'
import type { Confirmation } from '../model/shipment.ts'
import type { ClaimedTask } from '../model/task.ts'
import { orderEvent } from '../orders/order-event.ts'
import { personalMask } from '../orders/personal.ts'
import { linesByOrder } from '../orders/rows.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import { type Claim, type TaskResult, type WorkReport, workTasks } from '../tasks/work.ts'
import { carrierOf } from './carriers.ts'
import { settleVoided } from './voids.ts'

interface Job {
  readonly task: ClaimedTask
  readonly order: OrderRow
  readonly lines: readonly LineRow[]
  readonly confirmation: Confirmation
  readonly shipment: ShipmentRow
}

/** Tells a channel about the packages that are due, each once: what may have been told before is looked up first. */
export async function confirmShipments(run: Run, connector: MarketplaceConnector, ids?: readonly string[]): Promise<WorkReport> {
  return workTasks(run, {
    kind: 'confirm',
    channel: connector.channel,
    ...(ids === undefined ? {} : { ids }),
    batch: connector.batchSize.confirm,
    settleMs: connector.settleMs,
    maskFor: (orderIds) => personalMask(run, orderIds),
    async handle(claim, results) {
      const jobs = await jobsFor(run, claim.tasks, results)
      const unknown = jobs.filter(({ task }) => task.sentAt !== null)
      const known = await alreadyThere(run, connector, unknown, claim, results)
      const batch = jobs.filter(({ task, shipment }) => !known.has(task.id) && shipment.state === 'matched')
      const ours = new Set((await claim.markSent(batch.map(({ task }) => task))).map(({ id }) => id))
      const sending = batch.filter(({ task }) => ours.has(task.id))
      if (sending.length === 0) return
      const outcomes = await connector.confirmShipments(
        sending.map(({ confirmation }) => confirmation),
        claim.signal,
      )
      for (const [index, job] of sending.entries()) {
        const outcome = outcomes[index]
        if (outcome === undefined) continue
        results.set(
          job.task.id,
          outcome.status === 'accepted' ? confirmed(run, job, outcome.note ?? 'confirmed') : failed(run, job, outcome.error),
        )
      }
    },
  })
}

async function alreadyThere(
  run: Run,
  connector: MarketplaceConnector,
  unknown: readonly Job[],
  { signal }: Claim,
  results: Map<string, TaskResult>,
): Promise<ReadonlySet<string>> {
  if (unknown.length === 0) return new Set()
  const answers = await connector.lookUpConfirmations(
    unknown.map(({ confirmation }) => confirmation),
    signal,
  )
  const there = unknown.filter((_, index) => answers[index] === 'confirmed')
  for (const job of there) results.set(job.task.id, confirmed(run, job, 'found confirmed at the channel'))
  for (const [index, job] of unknown.entries()) {
    if (job.shipment.state !== 'voided' || answers[index] === 'confirmed') continue
    // Where the channel cannot tell, it may have been told: then it would refuse the same units in another package.
    const told = answers[index] !== 'absent'
    results.set(job.task.id, { status: 'done', record: (tx) => settleVoided(tx, run, job.shipment, job.order.id, told) })
  }
  return new Set(there.map(({ task }) => task.id))
}

async function jobsFor(run: Run, tasks: readonly ClaimedTask[], results: Map<string, TaskResult>): Promise<Job[]> {
  const shipmentIds = tasks.map(({ shipmentId }) => shipmentId ?? '')
  const orders = new Map(
    (
      await ordersByIds(
        run.db,
        tasks.map(({ orderId }) => orderId ?? ''),
      )
    ).map((row) => [row.id, row]),
  )
  const shipments = new Map((await shipmentsByIds(run.db, shipmentIds)).map((row) => [row.id, row]))
  const held = await linesOfShipments(run.db, shipmentIds)
  const lines = await linesByOrder(run.db, [...orders.keys()])
  const jobs: Job[] = []
  for (const task of tasks) {
    const order = orders.get(task.orderId ?? '')
    const shipment = shipments.get(task.shipmentId ?? '')
    if (order === undefined || shipment === undefined) {
      results.set(task.id, { status: 'done' })
      continue
    }
    // Voided since the task was made: nothing may be told any more. Whether it was told before is looked up.
    if (shipment.state !== 'matched' && task.sentAt === null) {
      results.set(task.id, { status: 'done', record: (tx) => settleVoided(tx, run, shipment, order.id, false) })
      continue
    }
    const own = held.filter(({ shipment_id, order_id }) => shipment_id === shipment.id && order_id === order.id)
    jobs.push({
      task,
      order,
      shipment,
      lines: lines.get(order.id) ?? [],
      confirmation: toConfirmation(run, order, shipment, own, lines.get(order.id) ?? []),
    })
  }
  return jobs
}

function toConfirmation(
  run: Run,
  order: OrderRow,
  shipment: ShipmentRow,
  held: readonly ShipmentLineRow[],
  lines: readonly LineRow[],
): Confirmation {
  const inPackage = new Map(held.map(({ external_line_id, quantity }) => [external_line_id, quantity]))
  const wholeOrder = lines.every(
    (line) => line.qty_shipped === 0 && (line.qty_pushed ?? line.qty_to_ship) === (inPackage.get(line.external_line_id) ?? 0),
  )
  return {
    channel: order.channel,
    externalOrderId: order.external_order_id,
    ...(order.marketplace_id === null ? {} : { marketplaceId: order.marketplace_id }),
    reference: shipment.number,
    trackingNumber: shipment.tracking_number,
    carrier: carrierOf(
      {
        carrierCode: shipment.carrier_code,
        ...(shipment.service_code === null ? {} : { serviceCode: shipment.service_code }),
        trackingNumber: shipment.tracking_number,
      },
      run.settings.carriers,
    ),
    ...(shipment.service_code === null ? {} : { service: shipment.service_code }),
    // A bare ship date is midnight in Los Angeles, which can lie before the order itself; channels refuse that.
    shippedAt: Math.max(shipment.shipped_at, order.order_created_at),
    lines: held.map(({ external_line_id, quantity }) => ({ externalLineId: external_line_id, quantity })),
    wholeOrder,
  }
}

function confirmed(run: Run, job: Job, what: string): TaskResult {
  const { order, confirmation } = job
  return {
    status: 'done',
    async record(tx) {
      const now = run.clock.now()
      const detail = {
        tracking: confirmation.trackingNumber,
        carrier: confirmation.carrier.code,
        lines: confirmation.lines.length,
      }
      await addEvents(tx, [orderEvent(run, order.channel, order.external_order_id, what, detail)])
      await noteShipped(tx, job, now)
      await settleVoided(tx, run, job.shipment, order.id, true)
    },
  }
}

/** A label that was voided while the channel refused it was never told: its goods are free. */
function failed(run: Run, { shipment, order }: Job, error: ConnectorError): TaskResult {
  if (error instanceof RetryableError && error.outcomeUnknown) return { status: 'failed', error }
  return { status: 'failed', error, record: (tx) => settleVoided(tx, run, shipment, order.id, false) }
}

/** Our own books follow at once; the channel's next answer has the last word. */
async function noteShipped(tx: Db, { order, lines }: Job, now: number): Promise<void> {
  const done = await confirmedQuantities(tx, order.id)
  const everything = lines.every((line) => (done.get(line.external_line_id) ?? 0) >= (line.qty_pushed ?? line.qty_to_ship))
  if (order.status !== 'open' && order.status !== 'partially_shipped') return
  await setOrderShipped(tx, order.id, everything ? 'shipped' : 'partially_shipped', now)
}
