import { hostname } from 'node:os'
import { createGate, type Gate } from '../../connectors/http/gate.ts'
import type { Run } from '../../core/context.ts'
import { fingerprintOf, sharedAccount } from '../../core/db/account.ts'
import type { Db } from '../../core/db/db.ts'
import { assertMigrated } from '../../core/db/migrate.ts'
import { openDb } from '../../core/db/open.ts'
import { beginRun, endRun } from '../../core/db/runs.ts'
import { openScratch } from '../../core/db/scratch.ts'
import type { CallCounts, PlannedCall } from '../../core/ports/gate.ts'
import type { MarketplaceConnector } from '../../core/ports/marketplace.ts'
import type { Notifier } from '../../core/ports/notifier.ts'
import type { ShippingConnector } from '../../core/ports/shipping.ts'
import type { StockSource } from '../../core/ports/stock-source.ts'
import type { Clock, Log } from '../../core/ports/system.ts'
import type { WebhookSource } from '../../core/ports/webhook.ts'
import { assertKeysFit } from '../../core/privacy/key-check.ts'
import { createScrubber } from '../../core/privacy/scrub.ts'
import { createVault } from '../../core/privacy/vault.ts'
import { actorName } from './actor.ts'
import { mediaSettings, mediumCredentials } from './alert-settings.ts'
import { createBoundary } from './boundary.ts'
import { assertChannel, switchedOff } from './channel-names.ts'
import { type Configuration, loadConfiguration } from './configuration.ts'
import { configuredClock } from './configured-clock.ts'
import { createIds } from './ids.ts'
import { type Databases, withInboxDb } from './inbox-db.ts'
import { createLog } from './log.ts'
import { leaveFigures } from './metrics-file.ts'
import { beginMonitor, type RunMonitor } from './monitor.ts'
import type { CommonOptions } from './options.ts'
import { failureOf, type RunEnd } from './run-end.ts'
import { coreSettings, shipStationSettings, zohoSettings } from './settings.ts'
import { webhookChannels, webhookSettings } from './webhook-settings.ts'

/** Everything a command may use, put together from the configuration. The only place that knows both core and connectors. */
export interface Runtime extends Databases {
  readonly config: Configuration
  readonly run: Run
  readonly dryRun: boolean
  /** Connectors of the enabled channels, or of those named. Throws OperatorError for a name that is not configured. */
  marketplaces(channels?: readonly string[]): readonly MarketplaceConnector[]
  /** Throws OperatorError for a name that is not configured. Needs no connector: also for commands that only read. */
  assertChannels(channels: readonly string[]): void
  shipping(): ShippingConnector
  /** Undefined when the configuration has no section `zoho`. */
  stock(): Promise<StockSource | undefined>
  /** The configured media by which people are told. */
  notifiers(): Promise<readonly Notifier[]>
  /** The senders of webhooks that the configuration knows. `marketplaces`: the connectors whose messages they carry. */
  webhookSources(marketplaces: readonly MarketplaceConnector[]): Promise<readonly WebhookSource[]>
  /** What a dry run would have sent. */
  readonly plan: readonly PlannedCall[]
  calls(): Readonly<Record<string, CallCounts>>
  /** Writes the end of the run, then tells those outside who wait for it. */
  finish(end: RunEnd): Promise<void>
}

export interface RuntimeOptions {
  readonly command: string
  readonly common: CommonOptions
  /** Read-only commands leave no run behind and open the database without writing to it. */
  readonly writes: boolean
  readonly signal: AbortSignal
}

export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { command, common } = options
  const config = loadConfiguration(common)
  const clock = configuredClock(config, process.env)
  const ids = createIds(() => clock.now())
  const runId = ids.next()
  const scrub = createScrubber(config.secrets)
  const log = createLog({
    level: common.verbose ? 'debug' : common.quiet ? 'error' : config.log_level,
    stream: process.stderr,
    tty: process.stderr.isTTY,
    scrub,
    base: { run_id: runId, command },
    color: process.env.NO_COLOR === undefined,
  })
  const vault = createVault(config.encryption_keys)
  const boundary = createBoundary(process.env)
  const dryRun = common.dryRun === true
  const from = { heartbeats: () => import('../../connectors/notify/heartbeat.ts') }
  const monitor = options.writes && !dryRun ? await beginMonitor(config, { id: runId, command, log }, from) : undefined
  const db = await openFor(config, { dryRun, writes: options.writes, boundary }).catch(async (error: unknown) => {
    await monitor?.ended(failureOf(error, command))
    throw error
  })
  const run: Run = {
    id: runId,
    command,
    actor: actorName(command),
    host: hostname(),
    pid: process.pid,
    db,
    clock,
    ids,
    random: Math.random,
    log,
    vault,
    settings: coreSettings(config),
    signal: options.signal,
  }
  try {
    if (options.writes) {
      await assertKeysFit(db, vault, clock.now())
      await beginRun(db, { id: runId, command, host: run.host, pid: run.pid }, clock.now())
    }
  } catch (error) {
    await db.close()
    await monitor?.ended(failureOf(error, command))
    throw error
  }
  // Their schemas cost a quarter of a start, and a command that only reads asks no vendor.
  const vendors = options.writes ? await vendorsFor(config) : undefined
  return assemble(config, run, { dryRun, writes: options.writes, clock, log, scrub, boundary, vendors, monitor })
}

/** The makers of the connectors of the enabled channels, by channel code, and of those of ShipStation and Zoho. */
async function vendorsFor({ channels, vendors }: Configuration) {
  const { connectors } = await import('../../connectors/index.ts')
  const loaded = Object.entries(vendors).flatMap(([code, vendor]) => (channels[code]?.enabled ? [{ code, vendor }] : []))
  return {
    channels: new Map(await Promise.all(loaded.map(async ({ code, vendor }) => [code, await vendor.load()] as const))),
    shipstation: await connectors.shipstation(),
    /** Only the stock commands ask for it. */
    zoho: connectors.zoho,
  }
}

type Vendors = Awaited<ReturnType<typeof vendorsFor>>

async function openFor(
  config: Configuration,
  how: { readonly dryRun: boolean; readonly writes: boolean; readonly boundary: Run['db']['boundary'] },
): Promise<Db> {
  if (how.dryRun) return openScratch(config.database, how.boundary)
  const db = await openDb(config.database, { boundary: how.boundary, readonly: !how.writes })
  await assertMigrated(config.database, db).catch(async (error: unknown) => {
    await db.close()
    throw error
  })
  return db
}

interface Parts {
  readonly dryRun: boolean
  readonly writes: boolean
  readonly clock: Clock
  readonly log: Log
  readonly scrub: (text: string) => string
  readonly boundary: Run['db']['boundary']
  /** Undefined for a command that only reads. */
  readonly vendors: Vendors | undefined
  readonly monitor: RunMonitor | undefined
}

function assemble(config: Configuration, run: Run, parts: Parts): Runtime {
  const gates = new Map<string, Gate>()
  const plan: PlannedCall[] = []

  function gateFor(account: string, credentials: readonly string[], timeoutMs: number): Gate {
    const known = gates.get(account)
    if (known !== undefined) return known
    const accountDeps = {
      db: run.db,
      clock: parts.clock,
      ids: run.ids,
      seal: (row: string, token: string) => run.vault.seal('access_tokens', 'token', row, token),
      open: (row: string, sealed: string) => run.vault.open('access_tokens', 'token', row, sealed),
    }
    const gate = createGate({
      account,
      shared: sharedAccount(accountDeps, account, fingerprintOf(credentials)),
      clock: parts.clock,
      log: parts.log,
      boundary: parts.boundary,
      scrub: parts.scrub,
      ...(parts.dryRun ? { plan: (call: PlannedCall) => void plan.push(call) } : {}),
      maxWaitMs: config.max_wait,
      timeoutMs,
    })
    gates.set(account, gate)
    return gate
  }

  function vendors(): Vendors {
    if (parts.vendors === undefined) throw new Error('a command that only reads has no connectors')
    return parts.vendors
  }

  function marketplace(code: string): MarketplaceConnector {
    const make = vendors().channels.get(code)
    if (make === undefined) throw switchedOff(config, code)
    const { feed_above: feedAbove } = config.inventory
    const gate = gateFor(code, config.vendors[code]?.credentials ?? [], config.channels[code]?.timeout ?? 30_000)
    return make(gate, code, feedAbove === undefined ? {} : { feedAbove })
  }

  const enabled = Object.entries(config.channels).flatMap(([code, channel]) => (channel.enabled ? [code] : []))
  return {
    config,
    run,
    dryRun: parts.dryRun,
    plan,
    assertChannels(names) {
      for (const name of names) assertChannel(config, name)
    },
    marketplaces(names) {
      for (const name of names ?? []) assertChannel(config, name)
      return (names ?? enabled).map(marketplace)
    },
    shipping() {
      const { api_key: key, api_secret: secret, timeout } = config.shipstation
      return vendors().shipstation(gateFor('shipstation', [key, secret], timeout), shipStationSettings(config.shipstation))
    },
    async stock() {
      const { zoho } = config
      if (zoho === undefined) return undefined
      const create = await vendors().zoho()
      return create(gateFor('zoho', Object.values(zoho.credentials), zoho.timeout), zohoSettings(zoho))
    },
    async notifiers() {
      const { createNotifiers } = await import('../../connectors/notify/index.ts')
      return createNotifiers(
        (medium) => gateFor(medium, mediumCredentials(config.alerts, medium), 30_000),
        mediaSettings(config.alerts),
      )
    },
    async webhookSources(connectors) {
      const { createWebhookSources } = await import('../../connectors/webhooks.ts')
      return createWebhookSources(webhookSettings(config), webhookChannels(config, connectors))
    },
    calls: () => Object.fromEntries([...gates].map(([account, gate]) => [account, gate.counts()])),
    async finish(end) {
      if (!parts.writes) return
      try {
        await endRun(run.db, run.id, { ...end, calls: this.calls() }, run.clock.now())
      } catch (error) {
        if (end.verdict === 'failed') await parts.monitor?.ended(end)
        throw error
      }
      if (!parts.dryRun) await leaveFigures(config, run)
      await parts.monitor?.ended(end)
    },
    ...withInboxDb(run.db, () => openDb(config.database, { boundary: parts.boundary })),
  }
}
