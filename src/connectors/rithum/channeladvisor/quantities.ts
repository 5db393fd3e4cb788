import { type ConnectorError, isConnectorError, PermanentError } from '../../../core/errors.ts'
import type { QuantityUpdate } from '../../../core/model/stock.ts'
import type { PlannedCall } from '../../../core/ports/gate.ts'
import type { QuantityOutcome, QuantityPlan } from '../../../core/ports/marketplace.ts'
import { chunksOf } from '../../http/lanes.ts'
import { batchSize, isMissing, MOST_PARTS, type Part, sendBatch } from './batch.ts'
import { type Centers, externalIn, listOfCenters } from './centers.ts'
import type { ChannelAdvisorClient } from './client.ts'
import { sideBySide } from './outcomes.ts'
import { centersOf, liesElsewhere, type Products } from './products.ts'

export interface QuantityDeps {
  readonly client: ChannelAdvisorClient
  readonly centers: Centers
  readonly products: Products
}

const OPERATION = 'Products/UpdateQuantity'

export function quantityPlan(): QuantityPlan {
  return { way: 'batch', batch: MOST_PARTS }
}

interface Write {
  readonly update: QuantityUpdate
  readonly productId: string
}

/**
 * Absolute quantities of one distribution center (contract section 10), never relative ones: a repeat is harmless. Nothing else of a product
 * is touched. A product that is gone under its id is looked up once more by its SKU.
 */
export async function updateQuantities(
  deps: QuantityDeps,
  batch: readonly QuantityUpdate[],
  signal: AbortSignal,
): Promise<readonly QuantityOutcome[]> {
  const { client } = deps
  if (batch.length === 0) return []
  const hindrance = await hindranceOf(deps, signal)
  if (hindrance !== undefined) return batch.map(() => hindrance)
  const outcomes = new Map<QuantityUpdate, QuantityOutcome>()
  const writes = await place(deps, batch, outcomes, signal, false)
  for (const [write, outcome] of await writeAll(client, writes, signal)) outcomes.set(write.update, outcome)
  await retryMissing(deps, outcomes, signal)
  return batch.map((update) => outcomes.get(update) ?? failed(permanent(client, 'no outcome')))
}

/** What stands against every quantity of this channel. */
async function hindranceOf({ client, centers }: QuantityDeps, signal: AbortSignal): Promise<QuantityOutcome | undefined> {
  const { distributionCenterId: wanted, channel } = client.settings
  const all = await centers.read([wanted], signal)
  const own = all.find(({ id }) => id === wanted)
  if (own?.isExternal === true)
    return { status: 'not-ours', detail: `distribution center ${wanted} (${own.name}) is not the seller's to write` }
  if (own !== undefined && !own.isDeleted) return undefined
  const what = `not sent: the account has no distribution center ${wanted}; set distribution_center_id of ${channel} to one of: ${listOfCenters(all)}`
  return failed(permanent(client, what))
}

/** The product of each SKU; what has none gets its outcome at once. */
async function place(
  { client, centers, products }: QuantityDeps,
  updates: readonly QuantityUpdate[],
  outcomes: Map<QuantityUpdate, QuantityOutcome>,
  signal: AbortSignal,
  again: boolean,
): Promise<readonly Write[]> {
  const sendable = updates.filter((update) => {
    const isWhole = Number.isSafeInteger(update.quantity) && update.quantity >= 0
    if (!isWhole) outcomes.set(update, failed(permanent(client, 'not sent: the quantity is not a whole number of 0 or more')))
    return isWhole
  })
  const found = await products.find(
    sendable.map(({ sku }) => sku),
    signal,
    again,
  )
  const isExternal = externalIn(await centers.read(centersOf(found), signal))
  const writes = new Map<string, Write>()
  for (const [at, update] of sendable.entries()) {
    const one = found[at] ?? { kind: 'none' }
    if (one.kind === 'none') outcomes.set(update, { status: 'unlisted', detail: 'no product has this SKU' })
    else if (liesElsewhere(one, isExternal))
      outcomes.set(update, { status: 'not-ours', detail: "kept in distribution centers only that are not the seller's to write" })
    else if (one.kind === 'several') outcomes.set(update, failed(permanent(client, severalOf(one.productIds))))
    else if (writes.has(one.productId))
      outcomes.set(update, failed(permanent(client, `not sent: another SKU of ours stands for product ${one.productId} too`)))
    else writes.set(one.productId, { update, productId: one.productId })
  }
  return [...writes.values()]
}

function severalOf(productIds: readonly string[]): string {
  return `not sent: several products have this SKU (${productIds.join(', ')}); if they belong to several profiles, authorize the application for one of them only`
}

async function writeAll(
  client: ChannelAdvisorClient,
  writes: readonly Write[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Write, QuantityOutcome>> {
  const size = await batchSize(client)
  const outcomes =
    size === 1 || writes.length === 1
      ? await writeSingly(client, writes, signal)
      : await writeChunks(client, writes, size, signal)
  return new Map(writes.flatMap((write, at) => (outcomes[at] === undefined ? [] : [[write, outcomes[at]] as const])))
}

async function writeChunks(
  client: ChannelAdvisorClient,
  writes: readonly Write[],
  size: number,
  signal: AbortSignal,
): Promise<readonly QuantityOutcome[]> {
  const results = await sideBySide(
    client.gate.account,
    chunksOf(writes, size),
    async (chunk) => {
      const parts = chunk.map((write) => partOf(client, write))
      const plan = chunk.map(({ update }) => plannedQuantity(client, update))
      const answers = await sendBatch(client, parts, plan, signal)
      return answers === undefined ? writeSingly(client, chunk, signal) : answers.map(outcomeOf)
    },
    (error, chunk) => chunk.map(() => failed(error)),
  )
  return results.flat()
}

function writeSingly(
  client: ChannelAdvisorClient,
  writes: readonly Write[],
  signal: AbortSignal,
): Promise<readonly QuantityOutcome[]> {
  return sideBySide(client.gate.account, writes, (write) => writeOne(client, write, signal), outcomeOf)
}

async function writeOne(client: ChannelAdvisorClient, write: Write, signal: AbortSignal): Promise<QuantityOutcome> {
  const plan = [plannedQuantity(client, write.update)]
  await client.tell({ operation: OPERATION, method: 'POST', ...partOf(client, write), plan }, signal)
  return { status: 'accepted' }
}

function partOf({ settings }: ChannelAdvisorClient, { update, productId }: Write): Part {
  return {
    path: `/v1/Products(${productId})/UpdateQuantity`,
    body: {
      Value: {
        UpdateType: settings.updateType,
        Updates: [{ DistributionCenterID: settings.distributionCenterId, Quantity: update.quantity }],
      },
    },
  }
}

function plannedQuantity({ gate }: ChannelAdvisorClient, { sku, previous, quantity }: QuantityUpdate): PlannedCall {
  return { account: gate.account, operation: OPERATION, target: sku, detail: `${previous ?? '?'} -> ${quantity}` }
}

function outcomeOf(error: ConnectorError | undefined): QuantityOutcome {
  if (error === undefined) return { status: 'accepted' }
  if (error instanceof PermanentError && /externally[- ]managed/i.test(error.message))
    return { status: 'not-ours', detail: error.message }
  return failed(error)
}

/** A product may have been made anew under the same SKU since its id was read. */
async function retryMissing(
  deps: QuantityDeps,
  outcomes: Map<QuantityUpdate, QuantityOutcome>,
  signal: AbortSignal,
): Promise<void> {
  const missing = [...outcomes].flatMap(([update, outcome]) =>
    outcome.status === 'failed' && isMissing(outcome.error) ? [update] : [],
  )
  if (missing.length === 0) return
  try {
    const writes = await place(deps, missing, outcomes, signal, true)
    for (const [write, outcome] of await writeAll(deps.client, writes, signal)) outcomes.set(write.update, outcome)
  } catch (error) {
    // What was settled before stays settled.
    if (!isConnectorError(error)) throw error
    for (const update of missing) outcomes.set(update, failed(error))
  }
}

function failed(error: ConnectorError): QuantityOutcome {
  return { status: 'failed', error }
}

function permanent({ gate }: ChannelAdvisorClient, what: string): PermanentError {
  return new PermanentError(what, { account: gate.account, operation: OPERATION })
}
