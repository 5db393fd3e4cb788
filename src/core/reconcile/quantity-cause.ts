import type { ToldRow } from '../db/quantities.ts'
import { lasted } from './finding.ts'

/**
 * Why a channel shows what it shows of a SKU.
 * - `same`: what it should, or what it was last told
 * - `sold`: less by what its own orders took since, or more by what they gave back
 * - `processing`: told, or to be told, so short a while ago that it need not be on show yet
 * - `late`: it was not told yet what it should show
 * - `unchanged`: it took a number long ago and still shows the one before
 * - `edited`: none of these: a person or another program wrote it
 */
export type QuantityCause = 'same' | 'sold' | 'processing' | 'late' | 'unchanged' | 'edited'

/** Marketplaces speak of minutes until a number is on show; imports and feeds wait for their turn. */
export const PROCESSING_MS = 30 * 60_000

/** The likely cause of what is on show: `live` units, looked at just now. Times epoch ms. */
export function causeOf(row: ToldRow, live: number, now: number): QuantityCause {
  const { state, wanted, accepted, accepted_at: acceptedAt } = row
  if (live === wanted) return 'same'
  if (state === 'reported') return 'processing'
  if (state === 'dead') return 'late'
  if (state === 'due' || state === 'sending') return now - row.wanted_at < PROCESSING_MS ? 'processing' : 'late'
  if (accepted === null || acceptedAt === null) return 'late'
  if (live === accepted) return 'same'
  if (live >= Math.max(0, accepted - row.sold) && live <= accepted + row.given_back) return 'sold'
  if (now - acceptedAt < PROCESSING_MS) return 'processing'
  return live === row.before ? 'unchanged' : 'edited'
}

/** In words, for a finding. */
export function causeText(row: ToldRow, live: number, cause: QuantityCause, now: number): string {
  const { wanted, accepted, sold } = row
  if (cause === 'late') {
    const why = row.held ?? row.last_error ?? (row.state === 'dead' ? 'given up' : 'it waits for inventory:rebalance')
    return `shows ${live}, should show ${wanted} for ${lasted(now - row.wanted_at)} and was not told: ${why}`
  }
  const told = `shows ${live}, was told ${accepted ?? 'nothing'} ${lasted(now - (row.accepted_at ?? now))} ago`
  if (cause === 'unchanged') return `${told} and took it, and still shows what it was told before`
  const orders = sold === 0 ? 'no order of its own took any since' : `its own orders took ${sold} since`
  return `${told}, ${orders}: changed by a person or another program, or an order that isync has not seen`
}
