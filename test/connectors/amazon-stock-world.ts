import type { QuantityUpdate } from '../../src/core/model/stock.ts'
import type { QuantityOutcome, QuantityReport } from '../../src/core/ports/marketplace.ts'
import { type AmazonWorld, NOW, openAmazon, signal } from './amazon-world.ts'

export const SEARCH = /^\/listings\/2021-08-01\/items\/A1SANDBOX$/
export const ITEM = /^\/listings\/2021-08-01\/items\/A1SANDBOX\/./

/** What the stand-in's books say of one listing. */
export interface BookedListing {
  readonly sku: string
  readonly quantity: number | null
  readonly lead_time: number | null
  readonly restock_date: string | null
  readonly doubled: boolean
}

/** A seller with these listings at Amazon; quantities go live at once. */
export function openShop(listings: readonly object[], settings: Parameters<typeof openAmazon>[1] = {}): Promise<AmazonWorld> {
  return openAmazon({ stock: { live_after_ms: 0 }, listings }, settings)
}

export function update(sku: string, quantity = 7, more: Partial<QuantityUpdate> = {}): QuantityUpdate {
  return { channel: 'amazon-us', sku, quantity, ...more }
}

export function listed({ sandbox }: AmazonWorld, sku: string): BookedListing {
  const { listings } = sandbox.books('amazon') as { readonly listings: readonly BookedListing[] }
  return listings.find((listing) => listing.sku === sku)!
}

/** SKU -> live quantity. */
export function shelf({ sandbox }: AmazonWorld): Readonly<Record<string, number | null>> {
  const { listings } = sandbox.books('amazon') as { readonly listings: readonly BookedListing[] }
  return Object.fromEntries(listings.map(({ sku, quantity }) => [sku, quantity]))
}

export function patch(
  world: Pick<AmazonWorld, 'connector'>,
  ...batch: readonly QuantityUpdate[]
): Promise<readonly QuantityOutcome[]> {
  return world.connector.updateQuantities(batch, 'patch', signal)
}

export function feed(
  world: Pick<AmazonWorld, 'connector'>,
  ...batch: readonly QuantityUpdate[]
): Promise<readonly QuantityOutcome[]> {
  return world.connector.updateQuantities(batch, 'feed', signal)
}

/** The report that all of these outcomes wait for. */
export function reportOf(outcomes: readonly QuantityOutcome[]): string {
  const reports = new Set(outcomes.map((outcome) => (outcome.status === 'reported-later' ? outcome.report : outcome.status)))
  if (reports.size !== 1) throw new Error(`not one report: ${[...reports].join(', ')}`)
  return [...reports][0]!
}

/** What the report says of these, asked `minutes` after the start. */
export function ask(
  world: Pick<AmazonWorld, 'connector' | 'sandbox'>,
  report: string,
  sent: readonly QuantityUpdate[],
  minutes = 5,
): Promise<QuantityReport> {
  world.sandbox.clock.set(NOW + minutes * 60_000)
  return world.connector.readQuantityReport!(report, sent, NOW, signal)
}

/** The outcomes of a report that must be there. */
export async function outcomesOf(...asked: Parameters<typeof ask>): Promise<readonly QuantityOutcome[]> {
  const report = await ask(...asked)
  if (report.state !== 'done') throw new Error('still running')
  return report.outcomes
}
