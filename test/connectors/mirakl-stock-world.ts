import type { QuantityUpdate } from '../../src/core/model/stock.ts'
import type { QuantityOutcome, QuantityReport } from '../../src/core/ports/marketplace.ts'
import { mirakl, now, sandbox, signal } from './mirakl-world.ts'

export const STO01 = /^\/api\/offers\/stock\/imports$/
export const STO02 = /^\/api\/offers\/stock\/imports\/[^/]+\/status$/
export const STO03 = /error_report$/
export const OF21 = /^\/api\/offers$/

/** WAITING and RUNNING together, by the stand-in's default. */
export const IMPORT_MS = 20_000

export function update(sku: string, quantity: number, previous?: number): QuantityUpdate {
  return { channel: 'mirakl-test', sku, quantity, ...(previous === undefined ? {} : { previous }) }
}

/** Each SKU with the same quantity. */
export const updates = (skus: readonly string[], quantity: number) => skus.map((sku) => update(sku, quantity))

export function offer(sku: string, quantity = 1, over: object = {}): void {
  sandbox.seed('mirakl', { offers: [{ sku, quantity, ...over }] })
}

export const send = (batch: readonly QuantityUpdate[]) => mirakl.updateQuantities(batch, 'import', signal)

/** Hands quantities over and gives the note of the report that they share. */
export async function handOver(batch: readonly QuantityUpdate[]): Promise<string> {
  const outcomes = await send(batch)
  const notes = new Set(outcomes.flatMap((outcome) => (outcome.status === 'reported-later' ? outcome.report : [])))
  const [note] = notes
  if (note === undefined || notes.size !== 1) throw new Error(`${notes.size} reports`)
  return note
}

export async function ask(report: string, sent: readonly QuantityUpdate[], sentAt = now()): Promise<QuantityReport> {
  if (mirakl.readQuantityReport === undefined) throw new Error('no reports')
  return mirakl.readQuantityReport(report, sent, sentAt, signal)
}

/** Hands over, waits until the platform is done, reads the report. */
export async function settle(batch: readonly QuantityUpdate[]): Promise<readonly QuantityOutcome[]> {
  const report = await handOver(batch)
  sandbox.clock.advance(IMPORT_MS)
  return outcomesOf(await ask(report, batch))
}

export function outcomesOf(report: QuantityReport): readonly QuantityOutcome[] {
  if (report.state !== 'done') throw new Error(`still ${report.state}`)
  return report.outcomes
}

/** `accepted`, `unlisted`, `permanent`, `retryable`. */
export function kindOf(outcome: QuantityOutcome): string {
  return outcome.status === 'failed' ? outcome.error.kind : outcome.status
}

interface OfferBook {
  readonly sku: string
  readonly quantity: number
  readonly price: string
  readonly description: string | null
  readonly history: readonly (readonly [number, number, string])[]
}

interface Books {
  readonly offers: readonly OfferBook[]
  readonly stock_imports: readonly { readonly import_id: string; readonly status: string; readonly lines: number }[]
  readonly calls: Readonly<Record<string, number>>
}

export const books = () => sandbox.books('mirakl') as Books

export function offerBook(sku: string): OfferBook {
  const found = books().offers.find((each) => each.sku === sku)
  if (found === undefined) throw new Error(`no offer ${sku}`)
  return found
}

export const stocked = (sku: string) => offerBook(sku).quantity
