import { isConnectorError, PermanentError } from '../../core/errors.ts'
import type { QuantityUpdate } from '../../core/model/stock.ts'
import type { QuantityOutcome } from '../../core/ports/marketplace.ts'
import { readAnswer } from '../http/json.ts'
import type { MiraklClient, MiraklRequest } from './client.ts'
import { failed } from './outcomes.ts'
import { formOf, keyText, quantityFlawOf, skuFlawOf, stockFileOf } from './stock-file.ts'
import { LAST_IMPORT } from './stock-plan.ts'
import { wireImport } from './wire.ts'

/** One a minute at most (contract section 7), and a second more: of two files the later one may travel faster. */
const RATE = { bucket: 'stock-import', rule: { perSecond: 1 / 61, burst: 1 } }

/** For the doctor. */
const REMEMBER_MS = 30 * 24 * 3600_000

/**
 * STO01: the one call that touches nothing but quantities (contract section 6). What the platform makes of each line is in the report. A SKU that
 * cannot stand in the file counts as one that is not offered. Throws when the file could not be handed over; quantities are absolute, so sending it
 * again is harmless even after an unknown outcome.
 */
export async function updateQuantities(
  client: MiraklClient,
  batch: readonly QuantityUpdate[],
  signal: AbortSignal,
): Promise<readonly QuantityOutcome[]> {
  const outcomes = batch.map((item) => unsent(client, item))
  const sendable = batch.filter((_, i) => outcomes[i] === undefined)
  if (sendable.length === 0) return outcomes.flatMap((outcome) => outcome ?? [])
  const handedOver = await handOver(client, sendable, signal).catch((error: unknown) => {
    // What is known of the others would be lost with the error.
    if (!isConnectorError(error) || sendable.length === batch.length) throw error
    return failed(error)
  })
  return outcomes.map((outcome) => outcome ?? handedOver)
}

/** What becomes of an item that no stock file can hold. */
function unsent(client: MiraklClient, item: QuantityUpdate): QuantityOutcome | undefined {
  const noOffer = skuFlawOf(item)
  // No offer can bear such a SKU, so there is none to be told of: nobody could mend it but by renaming the article.
  if (noOffer !== undefined) return { status: 'unlisted', detail: `not sent: ${noOffer}` }
  const flaw = quantityFlawOf(item)
  if (flaw === undefined) return undefined
  return failed(new PermanentError(`not sent: ${flaw}`, { account: client.gate.account, operation: 'STO01' }))
}

async function handOver(client: MiraklClient, items: readonly QuantityUpdate[], signal: AbortSignal): Promise<QuantityOutcome> {
  const file = stockFileOf(items)
  const request: MiraklRequest = {
    operation: 'STO01',
    method: 'POST',
    path: '/api/offers/stock/imports',
    upload: formOf(file),
    rate: RATE,
    plan: file.rows.map(({ sku, quantity, previous }) => ({
      account: client.gate.account,
      operation: 'STO01',
      target: sku,
      detail: `${previous ?? '?'} -> ${quantity}`,
    })),
  }
  const answer = await client.send(request, signal)
  const created = readAnswer(client.gate.account, client.callOf(request), answer, wireImport)
  await client.gate.shared.remember(LAST_IMPORT, String(created.import_id), client.gate.clock.now() + REMEMBER_MS)
  const report = keyText({ importId: String(created.import_id), lines: file.rows.length, digest: file.digest })
  return { status: 'reported-later', report }
}
