import { afterEach, describe, expect, it } from 'vitest'
import { type Audit, audit } from '../world/auditor.ts'
import { buyFive, cron, frozenAt, killedAt, NEXT_CRON, shipAll, sweep, untilDone, withoutLimits } from '../world/crash.ts'
import { databases } from '../world/databases.ts'
import { startWorld, type World } from '../world/loop.ts'
import { sabotaged, type Wound } from '../world/sabotage.ts'

const HOUR = 3_600_000

let world: World

afterEach(async () => {
  await world.close()
})

type Story = (world: World) => Promise<void>

interface Sabotage {
  readonly what: string
  readonly wounds: readonly Wound[]
  readonly story: Story
  /** What the auditor must find then. */
  readonly sees: RegExp
  readonly config?: string
}

const owner = {
  file: 'core/db/tasks.ts',
  from: `where id = ? and state = 'running' and lease_owner = ?\``,
  to: `where id = ? and ? <> ''\``,
}

/** Mirakl's connector looks up a part of an order by itself, right before it tells it, and would hide what is broken in the core. */
const ownLookUp = {
  file: 'connectors/mirakl/shipment-delivery.ts',
  from: 'if (parts.length > 0) await settleKnown(',
  to: 'if (parts.length < 0) await settleKnown(',
}

const sabotages: readonly Sabotage[] = [
  {
    what: 'the result of a worker that lost its lease is settled all the same',
    wounds: [owner, ownLookUp],
    story: frozenWithRefusal,
    sees: /package \S+ confirmed more than once/,
  },
  {
    what: 'a worker that lost its lease may send, and does not look at the clock before it does',
    wounds: [
      {
        file: 'core/db/tasks.ts',
        from: `and state = 'running' and lease_owner = ? and lease_until >= ? returning id\``,
        to: `and ? <> '' and cast(? as bigint) > 0 returning id\``,
      },
      { file: 'core/tasks/heartbeat.ts', from: 'clock.now() >= lease.until', to: 'clock.now() < 0' },
      ownLookUp,
    ],
    story: frozenAnywhere,
    sees: /package \S+ confirmed more than once/,
  },
  {
    what: 'the cursor of a channel is written before its page',
    wounds: [
      {
        file: 'core/orders/pull-orders.ts',
        from: 'const counts = await run.db.transaction(async (tx) => {',
        to: `await writeCursor(run.db, channel.code, 'orders', page.next, run.clock.now())
    const counts = await run.db.transaction(async (tx) => {`,
      },
    ],
    story: killedInPull,
    sees: /not in ShipStation/,
  },
  {
    what: 'the cursor of the packages is written before its page',
    wounds: [
      {
        file: 'core/tracking/intake.ts',
        from: 'return run.db.transaction(async (tx) => {',
        // What is done last writes the cursor.
        to: `if (last !== undefined) await run.db.transaction(last)
  return run.db.transaction(async (tx) => {`,
      },
    ],
    story: killedInTracking,
    sees: /package \S+ not confirmed/,
  },
  {
    what: 'unknown outcomes are sent again without a look-up',
    wounds: [
      { file: 'core/tracking/confirm.ts', from: 'filter(({ task }) => task.sentAt !== null)', to: 'filter(() => false)' },
      ownLookUp,
    ],
    story: killedInTracking,
    sees: /package \S+ confirmed more than once/,
  },
  {
    what: 'an unknown outcome is forgotten when its look-up fails',
    wounds: [{ file: 'core/tasks/work.ts', from: 'task.sentAt !== null && !sent', to: 'task.sentAt === -1 && !sent' }, ownLookUp],
    story: lookUpFails,
    sees: /package \S+ confirmed more than once/,
  },
  {
    what: 'unknown outcomes are looked up before the vendor can have settled',
    wounds: [{ file: 'core/tasks/work.ts', from: 'sentAt + request.settleMs > now', to: 'sentAt > now' }, ownLookUp],
    story: storedLate,
    config: 'lease: 10s',
    sees: /package \S+ confirmed more than once/,
  },
  {
    what: 'every push has an order key of its own',
    wounds: [
      {
        file: 'core/orders/push-results.ts',
        from: 'return row.order_key ?? orderKeyOf(row.channel, row.external_order_id)',
        to: 'return `isync:${row.external_order_id}:${Math.random().toString(36).slice(2, 8)}`',
      },
    ],
    story: killedInPush,
    sees: /more than once in ShipStation/,
  },
  {
    what: 'the lease of a dead worker never ends',
    wounds: [{ file: 'core/db/tasks.ts', from: `(state = 'running' and lease_until < ?)`, to: `(1 = 0 and lease_until < ?)` }],
    story: killedInPush,
    sees: /not in ShipStation/,
  },
]

describe.each(databases)('on $name, the crash story', (database) => {
  for (const { what, wounds, story, sees, config } of sabotages) {
    it(`turns red when ${what}`, async () => {
      expect(findings(await told(story, config, await sabotaged(wounds))).join('\n')).toMatch(sees)
    })
  }

  // The kills at every boundary have a green story of their own, the long one of crashes.
  const killing: readonly Story[] = [killedInPull, killedInPush, killedInTracking]
  for (const { story, config } of storiesOf(({ story }) => !killing.includes(story))) {
    it(`stays green when nothing is sabotaged: ${story.name}`, async () => {
      expect(findings(await told(story, config))).toEqual([])
    })
  }

  // Otherwise these stories would turn red without the core's wound, and say nothing about the core.
  for (const { story, config } of storiesOf(({ wounds }) => wounds.includes(ownLookUp))) {
    it(`stays green when only Mirakl's own look-up is taken away: ${story.name}`, async () => {
      expect(findings(await told(story, config, await sabotaged([ownLookUp])))).toEqual([])
    })
  }

  async function told(story: Story, config?: string, program?: string): Promise<Audit> {
    world = await startWorld(database, { ...(program && { program }), ...(config && { config: { top: config } }) })
    withoutLimits(world)
    await story(world)
    await untilDone(world, 2)
    return audit(world.sandbox)
  }
})

/** Each story once of the sabotages that are `meant`. */
function storiesOf(meant: (sabotage: Sabotage) => boolean): readonly Pick<Sabotage, 'story' | 'config'>[] {
  return [...new Map(sabotages.filter(meant).map((each) => [each.story, each])).values()]
}

function findings({ lost, doubled }: Audit): string[] {
  return [...lost, ...doubled]
}

async function killedInPull(world: World): Promise<void> {
  await sweep(world, { among: ['orders:pull'], untilRed: true })
}

async function killedInPush(world: World): Promise<void> {
  await sweep(world, { among: ['orders:push-shipstation'], untilRed: true })
}

async function killedInTracking(world: World): Promise<void> {
  await sweep(world, { among: ['tracking:sync'], untilRed: true })
}

async function packed(world: World, tag: number): Promise<void> {
  world.clock.advance(2 * HOUR)
  buyFive(world, tag)
  for (const command of ['orders:pull', 'orders:push-shipstation'] as const) await cron(world, command)
  shipAll(world)
}

async function successor(world: World): Promise<void> {
  await cron(world, 'tracking:sync')
  world.clock.advance(NEXT_CRON)
  await cron(world, 'tracking:sync')
}

/** The vendor says "later", the worker freezes with this answer in its hands, another does the work. */
async function frozenWithRefusal(world: World): Promise<void> {
  await packed(world, 1)
  world.sandbox.addFault({ vendor: 'mirakl', kind: 'throttle', match: { method: 'POST', path: '/api/shipments' } })
  await frozenAt(world, 'tracking:sync', 'call:ST01:after', () => successor(world))
}

/** Frozen at one boundary after the other until there is none left. */
async function frozenAnywhere(world: World): Promise<void> {
  for (let n = 1; ; n += 1) {
    await packed(world, n)
    // Whoever sleeps in the middle of a transaction holds its locks: no other can take over, so nothing can be done twice.
    const meanwhile = async (boundary: string) => boundary !== 'db:before-commit' && successor(world)
    const ran = await frozenAt(world, 'tracking:sync', n, meanwhile, 'mirakl-macys')
    if (ran === undefined || audit(world.sandbox).doubled.length > 0) return
  }
}

async function lookUpFails(world: World): Promise<void> {
  await packed(world, 1)
  world.sandbox.addFault({ vendor: 'mirakl', kind: 'cut-after', match: { method: 'POST', path: '/api/shipments' } })
  await cron(world, 'tracking:sync')
  world.clock.advance(NEXT_CRON)
  world.sandbox.addFault({ vendor: 'mirakl', kind: 'status', status: 503, match: { method: 'GET', path: '/api/shipments' } })
  await cron(world, 'tracking:sync')
}

async function storedLate(world: World): Promise<void> {
  await packed(world, 1)
  world.sandbox.seed('mirakl', { settings: { late_commit_ms: 40_000 } })
  await killedAt(world, 'tracking:sync', 'call:ST01:after')
  for (const wait of [12_000, 12_000, 40_000]) {
    world.clock.advance(wait)
    await cron(world, 'tracking:sync')
  }
}
