import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Clock, createClock } from './clock.ts'
import { handleControl } from './control.ts'
import { answerBefore, bitesBefore, createFaults, type Delivery, distort } from './faults.ts'
import { createJournal } from './journal.ts'
import { createOutbox } from './outbox.ts'
import type { Sandbox } from './sandbox.ts'
import type { Fault, SandboxReply, SandboxRequest, StandIn, Vendor } from './stand-in.ts'
import { byVendor, FACTORIES, VENDORS } from './vendors.ts'
import { deliver, readRequest, visible } from './wire.ts'

export type { Sandbox } from './sandbox.ts'

const HOST = '127.0.0.1'
const KEEP_ALIVE_MS = 60_000
const PUSH_TIMEOUT_MS = 10_000
/** What the sandbox answers when a stand-in itself is broken; no vendor uses it. */
const OWN_MISTAKE = 599

export interface SandboxOptions {
  /** Control listens here, the vendors on the next ports in the order of VENDORS. 0 or absent: any free ports. */
  readonly portBase?: number
  readonly clock?: Clock
  /** Keep request and reply bodies in the journal. Default true. */
  readonly keepBodies?: boolean
  /** How long a vendor waits for an answer to what it sends by itself, in real time. Default 10 s. */
  readonly pushTimeoutMs?: number
}

/** Starts one HTTP server per vendor and one for control, all on loopback. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const clock = options.clock ?? createClock()
  const faults = createFaults()
  const journal = createJournal(options.keepBodies ?? true)
  const lastGood = new Map<string, SandboxReply>()
  const sockets = new Set<Socket>()
  const standIns = byVendor((vendor) => FACTORIES[vendor](clock))
  const outbox = createOutbox({
    clock,
    keepBodies: options.keepBodies ?? true,
    timeoutMs: options.pushTimeoutMs ?? PUSH_TIMEOUT_MS,
    outgoing: (vendor) => standIns[vendor].outgoing?.() ?? [],
    bite: (vendor, request) => faults.bite(vendor, request, 'out'),
  })

  function decide(vendor: Vendor, request: SandboxRequest, fault: Fault | undefined): Delivery {
    if (fault !== undefined && bitesBefore(fault)) return answerBefore(fault)
    const reply = ask(standIns[vendor], request)
    const key = `${vendor} ${request.method} ${request.path}`
    const delivery: Delivery = fault === undefined ? { how: 'reply', reply } : distort(fault, reply, lastGood.get(key))
    if (delivery.how === 'reply' && delivery.reply.status === 200) lastGood.set(key, delivery.reply)
    return delivery
  }

  async function serveVendor(vendor: Vendor, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming)
    if (request === undefined) return
    if (request === 'too-long') {
      await deliver(response, { how: 'reply', reply: { status: 413 } }, clock.now())
      return
    }
    const fault = faults.bite(vendor, request, 'in')
    const at = clock.now()
    const delivery = decide(vendor, request, fault)
    outbox.collect(vendor)
    journal.record({ at, vendor, request, reply: visible(delivery), fault: fault?.kind })
    await deliver(response, delivery, at)
  }

  const sandbox = {
    clock,
    standIn: (vendor: Vendor) => standIns[vendor],
    seed(vendor: Vendor, document: unknown) {
      standIns[vendor].seed(document)
      outbox.collect(vendor)
    },
    act(vendor: Vendor, action: string, argument?: unknown) {
      const result = standIns[vendor].act(action, argument)
      outbox.collect(vendor)
      return result
    },
    books: (vendor: Vendor) => standIns[vendor].books(),
    addFault: faults.add,
    clearFaults: faults.clear,
    faults: faults.list,
    journal: journal.entries,
    counts: journal.counts,
    outbox: outbox.entries,
    settle: outbox.settle,
    reset() {
      for (const vendor of VENDORS) standIns[vendor].reset()
      faults.clear()
      journal.reset()
      outbox.reset()
      lastGood.clear()
    },
  }

  const servers: Server[] = []
  async function close(): Promise<void> {
    outbox.close()
    const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)))
    // Held requests never end by themselves.
    for (const socket of sockets) socket.destroy()
    await Promise.all(closed)
  }

  async function open(
    port: number,
    serve: (incoming: IncomingMessage, response: ServerResponse) => Promise<void>,
  ): Promise<string> {
    const server = createServer((incoming, response) => {
      serve(incoming, response).catch(() => response.destroy())
    })
    server.keepAliveTimeout = KEEP_ALIVE_MS
    server.requestTimeout = 0
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    servers.push(server)
    return listen(server, port)
  }

  const base = options.portBase ?? 0
  const portOf = (offset: number) => (base === 0 ? 0 : base + offset)
  const origins: Record<'control' | Vendor, string> = { control: '', ...byVendor(() => '') }
  const complete: Sandbox = { ...sandbox, origins, close }
  try {
    origins.control = await open(portOf(0), async (incoming, response) => {
      const request = await readRequest(incoming)
      if (request === undefined) return
      const reply = request === 'too-long' ? { status: 413 } : await handleControl(complete, request)
      await deliver(response, { how: 'reply', reply }, Date.now())
    })
    for (const [i, vendor] of VENDORS.entries()) {
      origins[vendor] = await open(portOf(i + 1), (incoming, response) => serveVendor(vendor, incoming, response))
    }
  } catch (error) {
    await close()
    throw error
  }
  return complete
}

function ask(standIn: StandIn, request: SandboxRequest): SandboxReply {
  try {
    return standIn.handle(request)
  } catch (error) {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { status: OWN_MISTAKE, body: { sandbox: 'The stand-in failed.', vendor: standIn.vendor, error: told } }
  }
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOST, () => {
      server.off('error', reject)
      resolve(`http://${HOST}:${(server.address() as AddressInfo).port}`)
    })
  })
}
