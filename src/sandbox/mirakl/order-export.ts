import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import type { Call } from './call.ts'
import type { OrderExport } from './exports.ts'
import type { Account, State } from './model.ts'
import { selectOrders } from './order-list.ts'
import { orderWire } from './order-wire.ts'
import { fail, invalid, jsonBody, millis, parseTime, text } from './wire.ts'

const DAY = 86_400_000
const LONGEST_RANGE = 366 * DAY
const MEGABYTE = 1_000_000
const LISTS = ['order_state_codes', 'channel_codes'] as const
const RANGES = [
  ['start_date', 'end_date'],
  ['start_update_date', 'end_update_date'],
] as const
const STORAGE = '/storage/'

/** OR13 (section 3, rule 4): one at a time per shop; a date range is compulsory and is at most a year long. */
export function createExport(call: Call): SandboxReply {
  const { account, now, state } = call
  const rules = account.settings.order_exports
  if (!rules.offered) return fail(404, 'Resource not found.')
  const read = jsonBody(call.request)
  if ('refusal' in read) return read.refusal
  const wanted = wantedOf(read.body)
  if (!(wanted instanceof URLSearchParams)) return wanted
  const items = bounded(read.body, 'items_per_chunk', 10_000, 1_000_000, 1_000_000)
  const megabytes = bounded(read.body, 'megabytes_per_chunk', 10, 1024, 512)
  if (typeof items !== 'number') return items
  if (typeof megabytes !== 'number') return megabytes
  const shopId = call.shopId ?? account.defaultShop
  if (account.exports.some((each) => each.shopId === shopId && each.status === 'PENDING'))
    return fail(400, 'An order export is already in progress for this shop.')
  state.exportCount += 1
  const found = selectOrders(account, shopId, wanted).length
  const made: OrderExport = {
    id: `00000000-0000-4000-b000-${String(state.exportCount).padStart(12, '0')}`,
    shopId,
    created: now,
    due: now + rules.base_ms + Math.round((found / 1000) * rules.per_thousand_ms),
    wanted,
    itemsPerFile: items,
    bytesPerFile: megabytes * MEGABYTE,
    host: call.request.headers['host'] ?? 'localhost',
    fate: account.nextExportFate,
    status: 'PENDING',
    updated: now,
    files: [],
    downloads: [],
  }
  account.nextExportFate = undefined
  account.exports.push(made)
  return { status: 200, body: { tracking_id: made.id } }
}

function wantedOf(body: Record<string, unknown>): URLSearchParams | SandboxReply {
  const wanted = new URLSearchParams()
  for (const [start, end] of RANGES) {
    const [from, to] = [text(body[start]), text(body[end])]
    if (from === undefined && to === undefined) continue
    if (from === undefined || to === undefined) return invalid(from === undefined ? start : end, 'must not be null')
    const length = parseTime(to) - parseTime(from)
    if (Number.isNaN(length) || length < 0) return invalid(start, 'is not a valid range')
    if (length > LONGEST_RANGE) return fail(400, `The interval between ${start} and ${end} cannot be greater than a year`)
    wanted.set(start, from)
    wanted.set(end, to)
  }
  if (wanted.size === 0) return fail(400, 'At least one date range filter is mandatory.')
  for (const name of LISTS) {
    const list = body[name]
    if (Array.isArray(list)) wanted.set(name, list.map(String).join(','))
  }
  const center = text(body['fulfillment_center_codes'])
  if (center !== undefined) wanted.set('fulfillment_center_code', center)
  if (body['only_null_channel'] === true) wanted.set('only_null_channel', 'true')
  return wanted
}

function bounded(
  body: Record<string, unknown>,
  name: string,
  least: number,
  most: number,
  otherwise: number,
): number | SandboxReply {
  const value = body[name] ?? otherwise
  const isFine = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
  return isFine ? value : invalid(name, `must be between ${least} and ${most}`)
}

/** Brings the exports to where they are by now. What is in the files is what the orders are at that moment. */
export function workOffExports(account: Account, now: number): void {
  for (const each of account.exports) {
    if (each.status !== 'PENDING' || each.due > now || each.fate === 'stick') continue
    each.updated = each.due
    if (each.fate === 'fail') each.status = 'FAILED'
    else if (each.fate === 'cancel') each.status = 'CANCELED'
    else {
      each.files = filesOf(account, each)
      each.status = 'COMPLETED'
    }
  }
}

function filesOf(account: Account, { shopId, wanted, fate, itemsPerFile, bytesPerFile }: OrderExport): readonly string[] {
  const orders = selectOrders(account, shopId, wanted).filter((_, i) => fate !== 'short' || i % 10 !== 9)
  const files: string[] = []
  let texts: string[] = []
  let bytes = 0
  const finish = () => {
    files.push(`{"orders":[${texts.join(',')}]}`)
    texts = []
    bytes = 0
  }
  for (const order of orders) {
    const json = JSON.stringify(orderWire(account, order))
    if (texts.length > 0 && (texts.length >= itemsPerFile || bytes + json.length > bytesPerFile)) finish()
    texts.push(json)
    bytes += json.length + 1
  }
  if (texts.length > 0 || files.length === 0) finish()
  return files
}

/** OR14: `urls` when there are any. */
export function showExport(call: Call): SandboxReply {
  const found = exportOf(call.account, call.pathId, call.shopId, call.now)
  if (found === undefined) return fail(404, `Export '${call.pathId}' not found.`)
  const urls = found.files.map((_, i) => addressOf(call.account, found, i))
  return {
    status: 200,
    body: { last_updated: millis(found.updated), status: found.status, ...(urls.length === 0 ? {} : { urls }) },
  }
}

function addressOf(account: Account, { id, host }: OrderExport, i: number): string {
  const file = `file=file${i + 1}.json`
  if (account.settings.order_exports.files_at === 'own') return `http://${host}/api/orders/async-export/file/${id}?${file}`
  // Another name of the same machine, so that it is another host to whoever looks.
  return `http://${host.replace('127.0.0.1', 'localhost')}${STORAGE}${id}?${file}&signature=sandbox-signature-${id.slice(-4)}`
}

/** OR15 on the marketplace's own host. */
export function readExport(call: Call): SandboxReply {
  return fileReply(exportOf(call.account, call.pathId, call.shopId, call.now), call.request)
}

/** OR15 where files lie in a storage of somebody else's: the signature opens them, and two ways of authentication are one too many. */
export function readStorage(state: State, request: SandboxRequest, now: number): SandboxReply | undefined {
  if (!request.path.startsWith(STORAGE)) return undefined
  if (request.headers['authorization'] !== undefined)
    return { status: 400, body: '<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>' }
  const id = request.path.slice(STORAGE.length)
  if (request.query.get('signature') !== `sandbox-signature-${id.slice(-4)}`) return { status: 403, body: '<Error/>' }
  for (const account of state.accounts.values()) {
    const found = exportOf(account, id, undefined, now)
    if (found !== undefined) return fileReply(found, request)
  }
  return { status: 404, body: '<Error/>' }
}

function exportOf(account: Account, id: string, shopId: number | undefined, now: number): OrderExport | undefined {
  const found = account.exports.find((each) => each.id === id && (shopId === undefined || each.shopId === shopId))
  if (found === undefined || (found.fate === 'lose' && found.status === 'COMPLETED')) return undefined
  return now > found.due + account.settings.order_exports.keep_ms ? undefined : found
}

function fileReply(found: OrderExport | undefined, request: SandboxRequest): SandboxReply {
  const number = Number(/^file(\d+)\.json$/.exec(request.query.get('file') ?? '')?.[1])
  const file = found?.files[number - 1]
  if (found === undefined || file === undefined) return fail(404, 'File not found.')
  found.downloads[number - 1] = (found.downloads[number - 1] ?? 0) + 1
  return { status: 200, headers: { 'content-type': 'application/json;charset=UTF-8' }, body: file }
}

/** { api_key?, fate }: what becomes of the next export. */
export function decideExport(account: Account, argument: Readonly<Record<string, unknown>>): unknown {
  const fates = ['stick', 'fail', 'cancel', 'lose', 'short'] as const
  const fate = fates.find((each) => each === argument['fate'])
  if (fate === undefined) throw new Error(`'fate' is one of: ${fates.join(', ')}.`)
  account.nextExportFate = fate
  return { fate }
}

/** { api_key? }: none was ever asked for. */
export function forgetExports(account: Account): unknown {
  return { forgotten: account.exports.splice(0).length }
}
