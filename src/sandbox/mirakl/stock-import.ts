import type { SandboxReply } from '../stand-in.ts'
import type { Call } from './call.ts'
import { readFile } from './form.ts'
import type { StockImport } from './imports.ts'
import type { Account } from './model.ts'
import { takeStockFile } from './stock-lines.ts'

const PATH = '/api/offers/stock/imports'

/** STO01 (section 6): takes the file and works on it later. The same file, sent while the first is queued, is the same import. */
export function createImport(call: Call): SandboxReply {
  const read = readFile(call.request)
  if ('refusal' in read) return read.refusal
  const shopId = call.shopId ?? call.account.defaultShop
  const queued = call.account.imports.find(
    (each) => each.status === 'WAITING' && each.shopId === shopId && each.file.equals(read.file),
  )
  if (queued !== undefined) queued.repeats += 1
  const { id } = queued ?? enqueue(call, shopId, read.file)
  const location = `http://${call.request.headers['host'] ?? 'localhost'}${PATH}/${id}/status`
  return { status: 201, headers: { location }, body: { import_id: id } }
}

function enqueue({ state, account, now }: Call, shopId: number, file: Buffer): StockImport {
  state.importCount += 1
  const made: StockImport = {
    id: `00000000-0000-4000-a000-${String(state.importCount).padStart(12, '0')}`,
    shopId,
    created: now,
    // A part of the request's bytes would keep all of them.
    file: Buffer.from(file),
    repeats: 0,
    fate: account.nextFate,
    releasedAt: now,
    status: 'WAITING',
    ended: undefined,
    lines: 0,
    errors: [],
  }
  account.nextFate = undefined
  account.imports.push(made)
  account.importsById.set(made.id, made)
  return made
}

/** Brings the imports to where they are by now: one after the other within a shop, in the order they came. */
export function workOffImports(account: Account, now: number): void {
  const { waiting_ms, running_ms } = account.settings.stock_imports
  const free = new Map<number, number>()
  for (const each of account.imports) {
    if (each.ended !== undefined) {
      free.set(each.shopId, Math.max(free.get(each.shopId) ?? 0, each.ended))
      continue
    }
    const stuck = each.fate?.kind === 'stick' ? each.fate.status : undefined
    const start = Math.max(each.created + waiting_ms, each.releasedAt, free.get(each.shopId) ?? 0)
    const end = start + running_ms
    if (now >= start && stuck !== 'WAITING') each.status = 'RUNNING'
    if (now < end || stuck !== undefined) {
      // What waits behind it can only begin afterwards.
      free.set(each.shopId, Number.POSITIVE_INFINITY)
      continue
    }
    finish(account, each, end)
    free.set(each.shopId, end)
  }
}

function finish(account: Account, each: StockImport, at: number): void {
  each.ended = at
  const taken = each.fate?.kind === 'fail' ? undefined : takeStockFile(account, each, at)
  each.status = taken === undefined ? 'FAILED' : 'COMPLETE'
  each.lines = taken?.lines ?? 0
  each.errors = taken?.errors ?? []
}
