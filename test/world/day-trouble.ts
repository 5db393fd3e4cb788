import type { Fault, FaultKind, Vendor } from '../../src/sandbox/stand-in.ts'
import { calls, type Market, markets } from './all-channels.ts'
import type { Cron } from './day-cron.ts'
import type { DayTown, Serve } from './day-town.ts'
import { seeded } from './oversell-schedule.ts'

/** Everything that goes wrong in the course of the day. */
export interface Trouble {
  /** What goes wrong at this minute of the day. */
  minute(minute: number): Promise<void>
  /** All is well again: no fault waits, everybody is back. */
  heal(): Promise<void>
  readonly counts: {
    /** By kind, how often one bit. */
    readonly faults: Map<string, number>
    kills: number
    servesKilled: number
    servesStopped: number
    /** Requests without any right, and the statuses that they were answered with. */
    readonly hostile: Map<number, number>
  }
}

export interface TroublePlan {
  readonly minutes: number
  readonly seed: number
  /** Minutes between two faults. */
  readonly every: number
}

/** At which share of the day the long ones begin and end. */
const REVOKED = [0.2, 0.2 + 1 / 24] as const
const DOWN = [0.4, 0.4 + 2 / 24] as const
const STOPPED = [0.55, 0.58] as const
const SIEGE = 0.7

const kinds: readonly Omit<Fault, 'vendor' | 'match'>[] = [
  { kind: 'cut-after' },
  { kind: 'status-after', status: 503 },
  { kind: 'html-after' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503 },
  { kind: 'throttle', headers: { 'retry-after': '20' } },
  { kind: 'html' },
  { kind: 'cut' },
  { kind: 'truncate' },
]
/** A client waits long for an answer that never comes, in real time: seldom. */
const slow: readonly FaultKind[] = ['timeout', 'timeout-after']
const pushed: readonly FaultKind[] = ['push-lost', 'push-late', 'push-twice']
const pushers: readonly Vendor[] = ['shipstation', 'zoho', 'ebay', 'amazon']

/** By a seed: the same every time. */
export function planTrouble(town: DayTown, cron: Cron, { minutes, seed, every }: TroublePlan): Trouble {
  const random = seeded(seed)
  const whole = (most: number) => Math.floor(random() * most)
  const one = <T>(list: readonly T[]): T => list[whole(list.length)] as T
  const at = (share: number) => Math.floor(minutes * share)
  const { sandbox } = town
  const counts: Trouble['counts'] = { faults: new Map(), kills: 0, servesKilled: 0, servesStopped: 0, hostile: new Map() }
  const down: { readonly serve: Serve; readonly until: number }[] = []

  function collect(vendor?: Vendor): void {
    for (const { kind, bitten, vendor: of } of sandbox.faults())
      if (vendor === undefined || of === vendor) counts.faults.set(kind, (counts.faults.get(kind) ?? 0) + bitten)
    sandbox.clearFaults(vendor)
  }

  function fault(): void {
    const where = whole(10)
    if (where === 0) {
      for (const kind of pushed) sandbox.addFault({ vendor: one(pushers), kind, times: 3, delayMs: 90_000 })
      return
    }
    const kind = whole(25) === 0 ? { kind: one(slow) } : one(kinds)
    if (where < 3)
      sandbox.addFault({
        ...kind,
        vendor: 'shipstation',
        match: { path: one(['^/orders', '^/shipments', '^/fulfillments']) },
        times: 2,
      })
    else if (where === 3) sandbox.addFault({ ...kind, vendor: 'zoho', match: { path: '^/inventory' }, times: 2 })
    else {
      const market = one<Market>(markets)
      const match = one(Object.values(calls[market]))
      sandbox.addFault({ ...kind, vendor: market, match, times: 1 + whole(2) })
    }
  }

  /** Whoever knows none of the secrets. */
  async function knock(): Promise<void> {
    const body = JSON.stringify({
      order_ids: ['1'],
      resource_url: 'https://ssapi6.shipstation.com/shipments?batchId=1',
      resource_type: 'SHIP_NOTIFY',
    })
    const tries: readonly (readonly [string, Record<string, string>])[] = [
      [`/webhooks/shipstation/${'0'.repeat(64)}`, {}],
      ['/webhooks/shipstation/', {}],
      ['/webhooks/zoho', { 'x-zoho-webhook-signature': '0'.repeat(64) }],
      ['/webhooks/zoho', {}],
      ['/webhooks/ebay', { 'x-ebay-signature': Buffer.from('{"kid":"1","signature":"AA=="}').toString('base64') }],
      ['/webhooks/amazon', { 'x-isync-key': '0'.repeat(64) }],
      ['/webhooks/orders/mirakl-macys', { 'webhook-id': 'm', 'webhook-timestamp': '1', 'webhook-signature': 'v1,AAAA' }],
    ]
    for (const [path, headers] of tries) {
      const answer = await fetch(`${town.front}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      }).catch(() => undefined)
      await answer?.arrayBuffer()
      const status = answer?.status ?? 0
      counts.hostile.set(status, (counts.hostile.get(status) ?? 0) + 1)
    }
  }

  async function serves(minute: number): Promise<void> {
    for (const [i, { serve, until }] of [...down.entries()].reverse()) {
      if (until > minute) continue
      down.splice(i, 1)
      await serve.start()
    }
    const [first, second] = town.serves
    if (minute === at(STOPPED[0]) && second?.isUp() === true) {
      counts.servesStopped += 1
      await second.stop()
      down.push({ serve: second, until: at(STOPPED[1]) })
    }
    if (minute % 97 !== 60) return
    const victim = minute % 2 === 0 ? first : second
    if (victim?.isUp() !== true) return
    // In the middle of what it does, and started again two minutes later as systemd does at the latest.
    setTimeout(() => victim.signal('SIGKILL'), whole(800))
    counts.servesKilled += 1
    down.push({ serve: victim, until: minute + 2 })
  }

  return {
    counts,
    async minute(minute) {
      if (minute > 0 && minute % every === 0) fault()
      if (minute % 13 === 7) {
        cron.killNext(1 + whole(40))
        counts.kills += 1
      }
      if (minute === at(REVOKED[0])) sandbox.act('mirakl', 'revoke-key', { api_key: 'sandbox-key' })
      if (minute === at(REVOKED[1])) sandbox.act('mirakl', 'restore-key', { api_key: 'sandbox-key' })
      if (minute === at(DOWN[0])) sandbox.addFault({ vendor: 'ebay', kind: 'status', status: 503, times: 1_000_000 })
      if (minute === at(DOWN[1])) collect('ebay')
      if (minute % 10 === 4) await knock()
      if (minute === at(SIEGE)) for (let i = 0; i < 40; i += 1) await knock()
      await serves(minute)
    },
    async heal() {
      sandbox.act('mirakl', 'restore-key', { api_key: 'sandbox-key' })
      collect()
      for (const { serve } of down.splice(0)) await serve.start()
      for (const serve of town.serves) if (!serve.isUp()) await serve.start()
    },
  }
}
