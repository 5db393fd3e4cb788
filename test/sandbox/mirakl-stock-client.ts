import { type Client, startMirakl } from './mirakl-client.ts'

export interface OfferBody {
  readonly shop_sku: string
  readonly quantity: number
  readonly price: number
  readonly active: boolean
  readonly warehouses?: readonly object[]
}

export interface OfferBook {
  readonly sku: string
  readonly quantity: number
  readonly price: string
  readonly description: string | null
  readonly listed: boolean
  readonly history: readonly (readonly [at: number, quantity: number, by: string])[]
}

interface Upload {
  readonly status: number
  readonly headers: Headers
  readonly body: { readonly import_id: string; readonly message: string }
}

export interface StockClient extends Client {
  /** A form with a file, as any client would send it. */
  readonly upload: (csv: string | Uint8Array, more?: { path?: string; key?: string; fields?: object }) => Promise<Upload>
  readonly status: (importId: string) => Promise<Record<string, unknown>>
  readonly errorReport: (importId: string) => Promise<string>
  readonly offers: (query?: string) => Promise<{ readonly offers: readonly OfferBody[]; readonly total_count: number }>
  readonly offerBook: (sku: string) => OfferBook
  readonly quantityOf: (sku: string) => number
}

export const HEADER = '"offer-sku";"quantity";"warehouse-code";"update-delete"'
/** Until a file is done, by default. */
export const IMPORT_MS = 20_000

export async function startStock(): Promise<StockClient> {
  const client = await startMirakl()
  const { sandbox } = client
  const { mirakl: origin } = sandbox.origins

  function offerBook(sku: string): OfferBook {
    const { offers } = sandbox.books('mirakl') as { offers: readonly OfferBook[] }
    return offers.find((offer) => offer.sku === sku)!
  }

  return {
    ...client,
    async upload(csv, { path = '/api/offers/stock/imports', key = 'sandbox-key', fields = {} } = {}) {
      const form = new FormData()
      form.set('file', new Blob([csv as string]), 'stock.csv')
      for (const [name, value] of Object.entries(fields)) form.set(name, String(value))
      const reply = await fetch(`${origin}${path}`, { method: 'POST', headers: { authorization: key }, body: form })
      return { status: reply.status, headers: reply.headers, body: (await reply.json()) as Upload['body'] }
    },
    async status(importId) {
      const reply = await client.get(`/api/offers/stock/imports/${importId}/status`)
      return reply.body as unknown as Record<string, unknown>
    },
    async errorReport(importId) {
      const path = `/api/offers/stock/imports/${importId}/error_report`
      const reply = await fetch(`${origin}${path}`, { headers: { authorization: 'sandbox-key' } })
      return reply.text()
    },
    async offers(query = '') {
      const reply = await client.get(`/api/offers${query}`)
      return reply.body as unknown as Awaited<ReturnType<StockClient['offers']>>
    },
    offerBook,
    quantityOf: (sku) => offerBook(sku).quantity,
  }
}
