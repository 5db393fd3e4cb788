import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import { checkInventory } from './body-check.ts'
import { type Hand, type Item, quantityOf, statusOf } from './item.ts'
import { written } from './item-write.ts'
import type { Outcome } from './request.ts'
import { accept, DONE, failed, fill, type Job } from './requests.ts'
import type { Call } from './rest-call.ts'
import { allSeen } from './seen.ts'
import { type Book, next, type State } from './state.ts'
import { iso, isRecord, isReply, isWhole, type Json, listOf, parseJson, problem, refused, textOf, uuid } from './wire.ts'
import { batchOf, done, objectOf, pending } from './writes.ts'

const KEYS = ['dscoItemId', 'sku', 'partnerSku', 'upc', 'ean', 'mpn', 'isbn', 'gtin'] as const

/** GET /inventory: one item as it is seen by now. */
export function getInventoryById({ book, request, now }: Call): SandboxReply {
  const { query } = request
  const key = KEYS.find((one) => one === query.get('itemKey'))
  const value = query.get('value') ?? ''
  const isPartner = query.get('dscoRetailerId') !== null || query.get('dscoTradingPartnerId') !== null
  if (key === undefined || value === '' || (key === 'partnerSku' && !isPartner)) {
    return refused(400, [problem('validation_error', 'itemKey and value must be given, and with partnerSku the retailer.')], now)
  }
  const known = key === 'sku' ? [book.items.get(value)].filter((item) => item !== undefined) : book.items.values()
  const fitting = allSeen(known, now).filter((document) => document[key] === value)
  if (query.get('returnMultiple') === 'true') return { status: 200, body: fitting }
  const [first] = fitting
  return first === undefined
    ? refused(404, [problem('item_not_found', 'There is no such item.')], now)
    : { status: 200, body: first }
}

/** POST /inventory/batch/small (contract section 5). */
export function updateInventorySmallBatch(call: Call): SandboxReply {
  const objects = batchOf(call, checkInventory)
  if (isReply(objects)) return objects
  const { state, book } = call
  const kept = objects.filter((object) => !isSkipped(call, object))
  const jobs = kept.map((payload) => jobFor(state, book, payload, 'batch'))
  const request = accept(state, book, 'inventory', 'updateInventorySmallBatch', jobs)
  return pending(request.id, request.receivedAt)
}

/** POST /inventory/singleItem: done when it answers. */
export function singleItem(call: Call): SandboxReply {
  const { state, book, now } = call
  const object = objectOf(call, checkInventory)
  if (isReply(object)) return object
  return done(write(state, book, object.json, 'single', now), uuid(next(state)), now)
}

/** POST /inventory/batch/large: tells where to put the data. */
export function updateInventoryLargeBatch(call: Call): SandboxReply {
  const { state, book, request, now } = call
  const accepted = accept(state, book, 'inventory', 'updateInventoryLargeBatch', 'later')
  const skip = request.query.get('skipItemsThatDontExist') === 'true' ? '&skipItemsThatDontExist=true' : ''
  const dataUrl = `http://${request.headers['host'] ?? '127.0.0.1'}/upload/${accepted.id}?signature=sandbox${skip}`
  return { status: 200, body: { status: 'success', requestId: accepted.id, eventDate: iso(now), dataUrl } }
}

/** PUT of JSON Lines to the dataUrl, with the same headers as before. A line that is malformed fails alone: the others are not in its body. */
export function takeUpload(call: Call): SandboxReply {
  const { state, book, request, ids, now } = call
  const accepted = book.requests.get(ids[0] ?? '')
  if (accepted?.operation !== 'updateInventoryLargeBatch' || !accepted.awaitsData) {
    return refused(404, [problem('upload_not_found', 'No data is expected here.')], now)
  }
  const lines = linesOf(request)
  const kept = lines.filter((line) => !isSkipped(call, line ?? {}))
  fill(
    state,
    accepted,
    kept.map((line) => jobFor(state, book, line, 'large')),
  )
  return { status: 200 }
}

function linesOf({ body }: SandboxRequest): readonly (Json | undefined)[] {
  const texts = body.toString('utf8').split('\n')
  return texts
    .filter((text) => text.trim() !== '')
    .map((text) => {
      const json = parseJson(text)?.json
      return isRecord(json) ? json : undefined
    })
}

function isSkipped({ book, request }: Call, object: Json): boolean {
  return request.query.get('skipItemsThatDontExist') === 'true' && !book.items.has(String(object['sku']))
}

function jobFor(state: State, book: Book, line: Json | undefined, by: Hand): Job {
  const payload = line ?? { sku: '', warehouses: [] }
  const [complaint] = checkInventory(line, 'line')
  if (complaint !== undefined) return { payload, work: () => failed(complaint.code, complaint.description) }
  return { payload, work: (at) => write(state, book, payload, by, at) }
}

/** Puts one ItemInventory into effect, or says why not. */
function write(state: State, book: Book, object: Json, by: Hand, at: number): Outcome {
  const item = book.items.get(String(object['sku']))
  if (item === undefined) return failed('item_not_found', 'The item does not exist in the catalog.')
  if (item.refusal !== undefined && item.refusal.left > 0) {
    item.refusal.left -= 1
    return failed(item.refusal.code, item.refusal.description)
  }
  const places = listOf(object['warehouses']).filter(isRecord)
  const complaint = judge(state, book, object, places)
  if (complaint !== undefined) return complaint
  if (state.settings.unnamedWarehouses === 'cleared') for (const code of item.warehouses.keys()) item.warehouses.set(code, 0)
  for (const { code, quantity } of places) if (isWhole(quantity)) item.warehouses.set(String(code), quantity)
  const total = object['quantityAvailable']
  // Without a number of its own the only warehouse has the whole.
  const [only] = places
  if (places.length === 1 && only !== undefined && !isWhole(only['quantity']) && isWhole(total)) {
    item.warehouses.set(String(only['code']), total)
  }
  applyRest(item, object)
  written(state, item, at, by)
  return DONE
}

function judge(state: State, book: Book, object: Json, places: readonly Json[]): Outcome | undefined {
  const status = textOf(object['status'])
  const quantities = places.flatMap(({ quantity }) => (isWhole(quantity) ? [quantity] : []))
  const total = object['quantityAvailable']
  if (places.length === 0) return failed('missing_warehouse', 'At least one warehouse must be given.')
  const unknown = places.find(({ code }) => !book.warehouses.has(String(code)))
  if (unknown !== undefined) return failed('warehouse_not_found', 'A warehouse code is not known.')
  if (state.settings.inventoryStatus === 'required' && status === undefined)
    return failed('missing_status', 'A status is required.')
  if (quantities.length === 0 && !isWhole(total)) return failed('missing_quantity', 'A quantity is required.')
  if ([...quantities, isWhole(total) ? total : 0].some((units) => units < 0)) {
    return failed('invalid_quantity', 'A quantity must not be negative.')
  }
  const sum = quantities.reduce((units, quantity) => units + quantity, 0)
  if (isWhole(total) && quantities.length > 0 && total !== sum) {
    return failed('quantity_mismatch', `quantityAvailable is ${total}, and the warehouses have ${sum}.`)
  }
  return undefined
}

/** A cost changes what the retailer pays; a status of these two ends the sale, the other two are derived (contract section 5). */
function applyRest(item: Item, object: Json): void {
  const { cost, status } = object
  if (typeof cost === 'number') {
    item.cost = cost
    item.costWrites += 1
  }
  if (status === 'discontinued' || status === 'hidden') item.ended = status
  else if (status !== undefined) item.ended = undefined
}

/** For the books. */
export function bookItem(item: Item, accountId: string): Json {
  return {
    sku: item.sku,
    account: accountId,
    quantity: quantityOf(item),
    warehouses: Object.fromEntries(item.warehouses),
    status: statusOf(item),
    cost: item.cost ?? null,
    cost_writes: item.costWrites,
    history: item.history,
    bought: item.bought,
    oversold: item.oversold,
  }
}
