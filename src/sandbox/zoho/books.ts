import { detailStock, hasStock, type Item, total } from './item.ts'
import type { State } from './state.ts'

/** The truth for auditors: every item with its numbers, tokens, and how often what was asked. */
export function booksOf(state: State, now: number): unknown {
  const { accounts, calls, catalogue, limits, organizations, writes } = state
  const all = accounts.all()
  return {
    organization_id: organizations[0]?.organization_id,
    items: catalogue.all().map(itemBook),
    tokens: all.map((account) => ({
      refresh_token: account.refreshToken,
      minted: account.minted,
      refused: account.refused,
      live: accounts.liveTokens(account, now),
      revoked: account.revoked,
    })),
    tokens_minted: all.reduce((sum, account) => sum + account.minted, 0),
    calls: Object.fromEntries([...calls].map(([shape, minutes]) => [shape, [...minutes.values()].reduce((a, b) => a + b, 0)])),
    calls_by_minute: Object.fromEntries([...calls].map(([shape, minutes]) => [shape, Object.fromEntries(minutes)])),
    refused: limits.refused(),
    writes,
  }
}

export function itemBook(item: Item): Readonly<Record<string, unknown>> {
  return {
    item_id: item.id,
    sku: item.sku,
    name: item.name,
    kind: item.kind,
    status: item.isActive ? 'active' : 'inactive',
    modified_at: item.modifiedAt,
    ...(hasStock(item) ? detailStock(total(item)) : {}),
  }
}
