import { FAULT_KINDS } from './faults.ts'
import type { Sandbox } from './sandbox.ts'
import type { Fault, SandboxReply, SandboxRequest, Vendor } from './stand-in.ts'
import { isVendor, VENDORS } from './vendors.ts'

const HELP = `The control port of the isync sandbox.

GET    /health                    up, and where the vendors listen
GET    /journal?vendor=&since=n   what was received and answered, entries after number n
GET    /counts                    requests by vendor and path shape
GET    /books/<vendor>            the truth, for auditors
POST   /seed/<vendor>             add to the vendor's state
POST   /act/<vendor>/<action>     one thing a buyer, an operator or the vendor does
GET    /outbox?vendor=&since=n    what the vendors sent by themselves (webhooks), with status and times, and what waits
POST   /outbox/settle             answers when nothing that is due is unsent or unanswered
GET    /faults                    faults with how often each has bitten
POST   /faults                    one fault or an array of them
DELETE /faults?vendor=            forget them
GET    /clock                     virtual time
POST   /clock                     {"advance_ms": n} | {"set": epoch ms or ISO text} | {"scale": n}
POST   /reset                     empty stand-ins, no faults, empty journal and outbox
`

/** A request that makes no sense; the text is shown to the caller. */
class BadRequest extends Error {}

/** The control API: the same powers as the Sandbox object, over HTTP. */
export async function handleControl(sandbox: Sandbox, request: SandboxRequest): Promise<SandboxReply> {
  try {
    return await route(sandbox, request)
  } catch (error) {
    return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } }
  }
}

function route(sandbox: Sandbox, request: SandboxRequest): SandboxReply | Promise<SandboxReply> {
  const [, area = '', name, action] = request.path.split('/').map(decodeURIComponent)
  switch (`${request.method} /${area}`) {
    case 'GET /':
      return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: HELP }
    case 'GET /health':
      return ok({ ok: true, origins: sandbox.origins, now: sandbox.clock.now() })
    case 'GET /journal':
      return ok(since(sandbox.journal(), request.query))
    case 'GET /counts':
      return ok(sandbox.counts())
    case 'GET /books':
      return ok(sandbox.books(vendorFrom(name)))
    case 'POST /seed':
      sandbox.seed(vendorFrom(name), json(request))
      return ok({ ok: true })
    case 'POST /act':
      return act(sandbox, vendorFrom(name), action, request)
    case 'GET /outbox':
      return ok(since(sandbox.outbox(), request.query))
    case 'POST /outbox':
      if (name !== 'settle') throw new BadRequest('POST /outbox/settle is all there is.')
      return sandbox.settle().then(() => ok({ ok: true, sent: sandbox.outbox().length }))
    case 'GET /faults':
      return ok(sandbox.faults())
    case 'POST /faults':
      for (const fault of faultsFrom(json(request))) sandbox.addFault(fault)
      return ok({ ok: true, faults: sandbox.faults().length })
    case 'DELETE /faults': {
      const vendor = request.query.get('vendor')
      sandbox.clearFaults(vendor === null ? undefined : vendorFrom(vendor))
      return ok({ ok: true })
    }
    case 'GET /clock':
      return ok(clockFace(sandbox))
    case 'POST /clock':
      turnClock(sandbox, json(request))
      return ok(clockFace(sandbox))
    case 'POST /reset':
      sandbox.reset()
      return ok({ ok: true })
    default:
      return { status: 404, body: { error: `No ${request.method} ${request.path} here. GET / lists what there is.` } }
  }
}

function ok(body: unknown): SandboxReply {
  return { status: 200, body: body ?? null }
}

function act(sandbox: Sandbox, vendor: Vendor, action: string | undefined, request: SandboxRequest): SandboxReply {
  if (action === undefined || action === '') throw new BadRequest('Name the action: POST /act/<vendor>/<action>.')
  return ok(sandbox.act(vendor, action, request.body.length === 0 ? {} : json(request)))
}

/** Of one vendor, or of all; behind the entry with that number. Numbers begin at 1 and have no gaps. */
function since(entries: readonly { readonly vendor: Vendor }[], query: URLSearchParams): unknown {
  const wanted = query.get('vendor')
  const vendor = wanted === null || wanted === '' ? undefined : vendorFrom(wanted)
  const number = Number(query.get('since') ?? 0)
  if (!Number.isInteger(number) || number < 0) throw new BadRequest('since must be the number of an entry.')
  return entries.slice(number).filter((entry) => vendor === undefined || entry.vendor === vendor)
}

function clockFace({ clock }: Sandbox): unknown {
  const now = clock.now()
  return { now, iso: new Date(now).toISOString(), scale: clock.state().scale, file: clock.file ?? null }
}

function turnClock({ clock }: Sandbox, change: unknown): void {
  const { advance_ms: advance, set, scale } = object(change, 'The clock takes an object.')
  if (advance === undefined && set === undefined && scale === undefined) {
    throw new BadRequest('The clock takes advance_ms, set or scale.')
  }
  if (set !== undefined) clock.set(typeof set === 'string' ? number(Date.parse(set), 'set') : number(set, 'set'))
  if (advance !== undefined) clock.advance(number(advance, 'advance_ms'))
  if (scale !== undefined) clock.setScale(number(scale, 'scale', 0))
}

function faultsFrom(document: unknown): readonly Fault[] {
  const list: readonly unknown[] = Array.isArray(document) ? document : [document]
  return list.map(faultFrom)
}

function faultFrom(document: unknown): Fault {
  const fault = object(document, 'A fault is an object with vendor and kind.')
  vendorFrom(fault['vendor'])
  if (!FAULT_KINDS.some((kind) => kind === fault['kind'])) throw new BadRequest(`kind must be one of: ${FAULT_KINDS.join(', ')}.`)
  for (const name of ['after', 'times', 'status', 'delayMs']) {
    if (fault[name] !== undefined) number(fault[name], name, 0)
  }
  if (fault['match'] !== undefined) {
    const match = object(fault['match'], 'match is an object.')
    for (const name of Object.keys(match)) {
      if (!['method', 'path', 'body'].includes(name)) throw new BadRequest(`match takes method, path and body, not ${name}.`)
      if (typeof match[name] !== 'string') throw new BadRequest(`match.${name} must be text.`)
    }
    // A broken expression is told here and not at the first request.
    if (typeof match['path'] === 'string') new RegExp(match['path'])
  }
  return fault as unknown as Fault
}

function vendorFrom(name: unknown): Vendor {
  if (!isVendor(name)) throw new BadRequest(`Unknown vendor ${JSON.stringify(name ?? '')}; there are: ${VENDORS.join(', ')}.`)
  return name
}

function json(request: SandboxRequest): unknown {
  try {
    return JSON.parse(request.body.toString('utf8'))
  } catch (error) {
    throw new BadRequest(`The body is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function object(value: unknown, complaint: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BadRequest(complaint)
  return value as Record<string, unknown>
}

function number(value: unknown, name: string, least = Number.NEGATIVE_INFINITY): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < least) throw new BadRequest(`${name} must be a number.`)
  return value
}
