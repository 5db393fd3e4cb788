import { gunzipSync } from 'node:zlib'
import { type Answer, ask, type Client, openAmazon, US } from './amazon-client.ts'

export const SELLER = 'A1SANDBOX'
export const LISTINGS = `/listings/2021-08-01/items/${SELLER}`
export const FEEDS = '/feeds/2021-06-30'
export const SECOND = 1000
export const AVAILABILITY = '/attributes/fulfillment_availability'

type Fields = Readonly<Record<string, unknown>>

export interface StockClient extends Client {
  item(sku: string, includedData?: string): Promise<Answer>
  patch(sku: string, body: unknown, query?: Readonly<Record<string, string>>): Promise<Answer>
  /** Puts the messages in a feed, uploads it and creates it; gives its id. */
  feed(messages: readonly unknown[], header?: Fields): Promise<string>
  /** A document of any content, uploaded and created as a feed of that type. */
  feedOf(content: string, feedType?: string): Promise<string>
  status(feedId: string): Promise<Fields & { readonly processingStatus: string; readonly resultFeedDocumentId?: string }>
  /** The processing report of a feed that has ended. */
  report(feedId: string): Promise<Report>
  listing(sku: string): ListingBook
}

export interface Report {
  readonly header: Fields
  readonly issues: readonly Fields[]
  readonly summary: Fields
}

export interface ListingBook {
  readonly sku: string
  readonly listed: boolean
  readonly quantity: number | null
  readonly lead_time: number | null
  readonly restock_date: string | null
  readonly doubled: boolean
  readonly history: readonly (readonly [number, number | null, string])[]
  readonly bought: number
  readonly oversold: readonly string[]
  readonly also_written: readonly string[]
  readonly records: readonly Fields[]
}

/** The body of a quantity alone: what keeps the handling time. */
export function merge(quantity: unknown, more: Fields = {}): object {
  return quantityBody('merge', quantity, more)
}

export function quantityBody(op: string, quantity: unknown, more: Fields = {}): object {
  const value = [{ fulfillment_channel_code: 'DEFAULT', ...(quantity === undefined ? {} : { quantity }), ...more }]
  return { productType: 'PRODUCT', patches: [{ op, path: AVAILABILITY, value }] }
}

/** A message of a feed with that quantity, as good as a patch. */
export function message(messageId: number, sku: string, quantity: number, changes: Fields = {}): Fields {
  return { messageId, sku, operationType: 'PATCH', ...merge(quantity), ...changes }
}

export async function openStock(seed: unknown = {}): Promise<StockClient> {
  const client = await openAmazon(seed)
  const { origin, token, get, post, sandbox } = client
  const here = { marketplaceIds: US }

  async function feedOf(content: string, feedType = 'JSON_LISTINGS_FEED'): Promise<string> {
    const document = await post(`${FEEDS}/documents`, { contentType: 'application/json' })
    const stored = await upload(document.body.url, content)
    if (stored.status !== 200) throw new Error(`the upload was answered ${stored.status}`)
    const created = await post(`${FEEDS}/feeds`, {
      feedType,
      marketplaceIds: [US],
      inputFeedDocumentId: document.body.feedDocumentId,
    })
    if (created.status !== 202) throw new Error(`the feed was answered ${created.status}: ${JSON.stringify(created.body)}`)
    return created.body.feedId
  }

  async function status(feedId: string): ReturnType<StockClient['status']> {
    return (await get(`${FEEDS}/feeds/${feedId}`)).body
  }

  return {
    ...client,
    item: (sku, includedData = 'fulfillmentAvailability,productTypes') =>
      get(`${LISTINGS}/${encodeURIComponent(sku)}`, { ...here, includedData }),
    patch: (sku, body, query = {}) =>
      ask(`${origin}${LISTINGS}/${encodeURIComponent(sku)}?${new URLSearchParams({ ...here, ...query })}`, {
        method: 'PATCH',
        headers: { 'x-amz-access-token': token, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    feed: (messages, header = {}) =>
      feedOf(JSON.stringify({ header: { sellerId: SELLER, version: '2.0', issueLocale: 'en_US', ...header }, messages })),
    feedOf,
    status,
    async report(feedId) {
      const { resultFeedDocumentId } = await status(feedId)
      const { body } = await get(`${FEEDS}/documents/${resultFeedDocumentId}`)
      const answer = await fetch(body.url)
      const bytes = Buffer.from(await answer.arrayBuffer())
      return JSON.parse((body.compressionAlgorithm === 'GZIP' ? gunzipSync(bytes) : bytes).toString('utf8'))
    },
    listing(sku) {
      const { listings } = sandbox.books('amazon') as { readonly listings: readonly ListingBook[] }
      const found = listings.find((listing) => listing.sku === sku)
      if (found === undefined) throw new Error(`no listing ${sku}`)
      return found
    },
  }
}

export interface Stored {
  readonly status: number
  readonly body: string
}

/** The storage behind presigned URLs: no SP-API, so neither a token nor JSON. */
export async function upload(
  url: string,
  content: string,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
): Promise<Stored> {
  const answer = await fetch(url, { method: 'PUT', headers, body: content })
  return { status: answer.status, body: await answer.text() }
}
