import * as z from 'zod'
import { type ConnectorError, isConnectorError, PermanentError, RefusedByDryRun } from '../../core/errors.ts'
import type { QuantityUpdate } from '../../core/model/stock.ts'
import type { QuantityOutcome, QuantityPlan } from '../../core/ports/marketplace.ts'
import type { EbayClient } from './client.ts'
import type { Listings } from './listings.ts'
import { decodeRoute, encodeRoute, type Route } from './route.ts'
import type { EbaySettings } from './settings.ts'
import { type Written, writeInventory } from './write-inventory.ts'
import { writeTrading } from './write-trading.ts'

/** Four calls of the Inventory API, or 25 of the other. */
const BATCH = 100
const MOVED_NOTE = 'moved'
const MOVED_MS = 30 * 86_400_000
/** Routes that have changed since they were written down beside the listing; more than these are found out again each time. */
const MOST_MOVED = 300

const movedRoutes = z.record(z.string(), z.string())

export function quantityPlan({ inventoryApi }: EbaySettings): QuantityPlan {
  return { way: inventoryApi, batch: BATCH }
}

/**
 * Each quantity by the model that its listing was made in (contract section 5): what the listing's own note says, else what eBay says. A
 * SKU that has moved to the other model meanwhile is looked up and sent there; nothing is ever moved by us.
 */
export async function updateQuantities(
  client: EbayClient,
  listings: Listings,
  batch: readonly QuantityUpdate[],
  signal: AbortSignal,
): Promise<readonly QuantityOutcome[]> {
  const moved = await readMoved(client)
  const routes = new Map<string, Route>()
  const unknown: string[] = []
  for (const { sku, productType } of batch) {
    const route = decodeRoute(moved[sku] ?? productType)
    if (route === undefined || !fits(client.settings, route)) unknown.push(sku)
    else routes.set(sku, route)
  }
  const outcomes = new Map<string, QuantityOutcome>()
  if (unknown.length > 0) await place(await listings.find(unknown, signal), unknown)
  const first = await writeAll(
    client,
    batch.filter(({ sku }) => !outcomes.has(sku)),
    routes,
    signal,
  )
  const elsewhere = batch.filter(({ sku }) => first.get(sku)?.status === 'elsewhere')
  for (const [sku, written] of first) if (written.status !== 'elsewhere') outcomes.set(sku, written)
  if (elsewhere.length > 0) await retryElsewhere(elsewhere)
  return batch.map(({ sku }) => outcomes.get(sku) ?? lost(client))

  /** Sorts out what is not on sale, or not ours to write. */
  async function place(found: Awaited<ReturnType<Listings['find']>>, skus: readonly string[]): Promise<void> {
    for (const sku of skus) {
      const one = found.get(sku)
      if (one === undefined) outcomes.set(sku, { status: 'unlisted', detail: 'no active listing has this SKU' })
      else if (one instanceof Error) outcomes.set(sku, { status: 'failed', error: one })
      else if (one.byLocation) outcomes.set(sku, { status: 'not-ours', detail: 'its stock is kept by warehouse' })
      else routes.set(sku, one.route)
    }
  }

  async function retryElsewhere(updates: readonly QuantityUpdate[]): Promise<void> {
    const skus = updates.map(({ sku }) => sku)
    try {
      await place(await listings.find(skus, signal, true), skus)
      const again = updates.filter(({ sku }) => !outcomes.has(sku))
      const second = await writeAll(client, again, routes, signal)
      for (const [sku, written] of second)
        outcomes.set(sku, written.status === 'elsewhere' ? { status: 'unlisted', detail: written.detail } : written)
      const accepted = again.filter(({ sku }) => outcomes.get(sku)?.status === 'accepted')
      await rememberMoved(
        client,
        moved,
        accepted.map(({ sku }) => [sku, routes.get(sku)]),
      )
    } catch (error) {
      // What was settled before stays settled.
      if (!isConnectorError(error)) throw error
      for (const sku of skus) if (!outcomes.has(sku)) outcomes.set(sku, { status: 'failed', error })
    }
  }
}

function fits({ inventoryApi }: EbaySettings, { model }: Route): boolean {
  return inventoryApi === 'auto' || inventoryApi === model
}

/** Throws where nothing at all was settled. In a dry run both ways come into the plan before it is thrown. */
async function writeAll(
  client: EbayClient,
  updates: readonly QuantityUpdate[],
  routes: ReadonlyMap<string, Route>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Written>> {
  const offers = updates.flatMap((update) => {
    const route = routes.get(update.sku)
    return route?.model === 'inventory' ? [{ update, offerIds: route.offerIds }] : []
  })
  const items = updates.flatMap((update) => {
    const route = routes.get(update.sku)
    return route?.model === 'trading' ? [{ update, items: route.items }] : []
  })
  const written = new Map<string, Written>()
  const failures: ConnectorError[] = []
  let planned: RefusedByDryRun | undefined
  async function attempt(
    own: readonly { readonly update: QuantityUpdate }[],
    write: () => Promise<readonly Written[]>,
  ): Promise<void> {
    if (own.length === 0) return
    try {
      const results = await write()
      for (const [at, { update }] of own.entries()) written.set(update.sku, results[at] ?? lost(client))
    } catch (error) {
      if (error instanceof RefusedByDryRun) planned = error
      else if (!isConnectorError(error)) throw error
      else {
        // The other API has its own limits: its SKUs go on.
        failures.push(error)
        for (const { update } of own) written.set(update.sku, { status: 'failed', error })
      }
    }
  }
  await attempt(offers, () => writeInventory(client, offers, signal))
  await attempt(items, () => writeTrading(client, items, signal))
  if (planned !== undefined) throw planned
  const [failure] = failures
  if (failure !== undefined && [...written.values()].every((one) => one.status === 'failed' && one.error.kind !== 'permanent'))
    throw failure
  return written
}

async function readMoved({ gate }: EbayClient): Promise<Readonly<Record<string, string>>> {
  const text = await gate.shared.recall(MOVED_NOTE)
  return text === undefined ? {} : movedRoutes.parse(JSON.parse(text))
}

async function rememberMoved(
  { gate }: EbayClient,
  before: Readonly<Record<string, string>>,
  routes: readonly (readonly [string, Route | undefined])[],
): Promise<void> {
  const fresh = routes.flatMap(([sku, route]) => {
    const text = route === undefined ? undefined : encodeRoute(route)
    return text === undefined ? [] : [[sku, text] as const]
  })
  if (fresh.length === 0) return
  const all = [...Object.entries({ ...before, ...Object.fromEntries(fresh) })].slice(-MOST_MOVED)
  await gate.shared.remember(MOVED_NOTE, JSON.stringify(Object.fromEntries(all)), gate.clock.now() + MOVED_MS)
}

function lost({ gate }: EbayClient): QuantityOutcome & Written {
  return { status: 'failed', error: new PermanentError('no outcome', { account: gate.account, operation: 'updateQuantities' }) }
}
