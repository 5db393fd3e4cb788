import type { SandboxReply } from '../stand-in.ts'
import type { Call } from './call.ts'
import { readCsv } from './csv.ts'
import { readFile } from './form.ts'
import { addOffer } from './offer-seed.ts'
import { type Hand, type Offer, setQuantity } from './offers.ts'
import { fail, invalid, isRecord, jsonBody, text } from './wire.ts'

const NEEDED = ['shop_sku', 'product_id', 'product_id_type', 'state_code', 'price', 'update_delete']

/**
 * OF24 (section 6): a full replacement. What is not sent is reset, and a quantity that is not sent becomes 0. Takes effect at once: only the
 * harm is of interest here.
 */
export function writeOffers(call: Call): SandboxReply {
  const read = jsonBody(call.request)
  if ('refusal' in read) return read.refusal
  const { offers } = read.body
  if (!Array.isArray(offers) || offers.length === 0) return invalid('offers', 'must not be empty')
  const rows = (offers as readonly unknown[]).map((each) => (isRecord(each) ? each : {}))
  for (const [i, row] of rows.entries()) {
    const missing = NEEDED.find((name) => row[name] === undefined || row[name] === null)
    if (missing !== undefined) return invalid(`offers[${i}].${missing}`, 'must not be null')
  }
  for (const row of rows) {
    const description = text(row['description'])
    write(call, 'OF24', {
      sku: String(row['shop_sku']),
      action: String(row['update_delete']),
      price: String(row['price']),
      quantity: row['quantity'] === undefined ? 0 : Number(row['quantity']),
      description: { to: description },
    })
  }
  return started(call)
}

/** OF01 (section 6): NORMAL leaves absent columns alone, REPLACE deletes every offer that is not in the file. */
export function importOffers(call: Call): SandboxReply {
  const read = readFile(call.request)
  if ('refusal' in read) return read.refusal
  const mode = read.fields.get('import_mode')?.toString('utf8')
  if (mode !== 'NORMAL' && mode !== 'REPLACE' && mode !== 'PARTIAL_UPDATE') return invalid('import_mode', 'must not be null')
  const [header, ...rows] = readCsv(read.file.toString('utf8')) ?? []
  if (header === undefined || !header.includes('sku')) return fail(400, 'The file has no column sku.')
  const named = new Set<string>()
  for (const cells of rows) {
    const cell = (name: string) => (header.includes(name) ? cells[header.indexOf(name)] : undefined)
    const sku = cell('sku') ?? ''
    const [quantity, price] = [cell('quantity'), cell('price')]
    named.add(sku)
    write(call, 'OF01', {
      sku,
      action: cell('update-delete') ?? '',
      ...(price === undefined ? {} : { price }),
      ...(quantity === undefined ? {} : { quantity: Number(quantity) }),
    })
  }
  if (mode === 'REPLACE')
    for (const offer of call.account.offers.all())
      if (offer.shopId === call.shopId && offer.listed && !named.has(offer.sku)) remove(call, offer, 'OF01')
  return started(call)
}

interface Row {
  readonly sku: string
  readonly action: string
  readonly price?: string
  readonly quantity?: number
  readonly description?: { readonly to: string | undefined }
}

function write(call: Call, by: Hand, { sku, action, price, quantity, description }: Row): void {
  const { state, account, shopId, now } = call
  const shop = shopId ?? account.defaultShop
  const offer = account.offers.find(shop, sku) ?? addOffer(state, account, { sku, shop }, sku, now)
  if (action.toLowerCase() === 'delete') {
    remove(call, offer, by)
    return
  }
  offer.listed = true
  if (price !== undefined) offer.price = price
  if (description !== undefined) offer.description = description.to
  if (quantity !== undefined) setQuantity(offer, quantity, now, by)
  account.offers.changed()
}

function remove({ account, now }: Call, offer: Offer, by: Hand): void {
  offer.listed = false
  setQuantity(offer, 0, now, by)
  account.offers.changed()
}

function started({ state }: Call): SandboxReply {
  state.importCount += 1
  return { status: 201, body: { import_id: 2000 + state.importCount } }
}
