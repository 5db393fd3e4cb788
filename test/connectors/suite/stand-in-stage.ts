import type { Gate } from '../../../src/connectors/http/gate.ts'
import type { MarketplaceConnector } from '../../../src/core/ports/marketplace.ts'
import { createClock } from '../../../src/sandbox/clock.ts'
import { startSandbox } from '../../../src/sandbox/server.ts'
import type { Fault, Vendor } from '../../../src/sandbox/stand-in.ts'
import type { Channel, Spoil } from './bench.ts'
import { openProcesses } from './processes.ts'

const START = Date.parse('2026-11-21T15:00:00.000Z')

export interface StageOptions {
  readonly vendor: Vendor
  readonly code: string
  /** Requests for tokens; absent where the vendor gives out none. */
  readonly tokenPath?: RegExp
  /** The request by which a package is told. */
  readonly telling: NonNullable<Fault['match']>
  /** Buckets that count something else than calls in a time. */
  readonly unlimited?: RegExp
  /** The vendor's books at the start. */
  readonly seed?: object
  /** An error as this vendor writes it. */
  errorBody(words: string, status: number): unknown
  make(gate: Gate, origin: string, timeoutMs: number): MarketplaceConnector
}

type Common =
  | 'code'
  | 'clock'
  | 'reset'
  | 'forget'
  | 'givesTokens'
  | 'close'
  | 'connect'
  | 'calls'
  | 'notes'
  | 'rows'
  | 'spoil'
  | 'heal'

/** What all channels have in common that are stand-ins behind HTTP. */
export interface Stage extends Required<Pick<Channel, Common>> {
  books<T>(): T
  /** Everything that the vendor has heard since the reset, tokens too, by `METHOD /path-shape`. */
  heard(): Readonly<Record<string, number>>
  act(action: string, argument: unknown): void
  seed(document: object): void
}

export async function openStage(options: StageOptions): Promise<Stage> {
  const { vendor, code, tokenPath } = options
  const sandbox = await startSandbox({ portBase: 0, clock: createClock({ start: START, scale: 0 }) })
  const { clock } = sandbox
  const unlimited = options.unlimited === undefined ? {} : { unlimited: options.unlimited }
  const { start, forget, notes, rows, close } = await openProcesses({ code, clock, ...unlimited })

  function spoil({ kind, on = 'work', times = 1_000, status, words }: Spoil): void {
    const work = tokenPath === undefined ? {} : { path: `^(?!.*(?:${tokenPath.source}))` }
    if (on === 'token' && tokenPath === undefined) return
    const match = on === 'write' ? options.telling : on === 'token' ? { path: tokenPath?.source ?? '' } : work
    const refusal = { error: 'invalid_client', error_description: 'Client authentication failed.' }
    const isRefusal = on === 'token' && status === 401
    const said = isRefusal ? refusal : words === undefined ? undefined : options.errorBody(words, status ?? 500)
    const body = said === undefined ? {} : { body: said }
    sandbox.addFault({ vendor, kind, times, match, delayMs: 8, ...body, ...(status === undefined ? {} : { status }) })
  }

  return {
    code,
    clock,
    givesTokens: tokenPath !== undefined,
    connect(how) {
      const { gate, timeoutMs, logged, planned } = start(how)
      return { connector: options.make(gate, sandbox.origins[vendor], timeoutMs), logged, planned }
    },
    spoil,
    heal: () => sandbox.clearFaults(vendor),
    async reset() {
      sandbox.reset()
      await forget()
      if (options.seed !== undefined) sandbox.seed(vendor, options.seed)
    },
    forget,
    notes,
    rows,
    calls: () => sandbox.journal().filter((entry) => entry.vendor === vendor && tokenPath?.test(entry.path) !== true).length,
    async close() {
      await sandbox.close()
      await close()
    },
    heard: () => sandbox.counts()[vendor],
    books: <T>() => sandbox.books(vendor) as T,
    act: (action, argument) => void sandbox.act(vendor, action, argument),
    seed: (document) => sandbox.seed(vendor, document),
  }
}
