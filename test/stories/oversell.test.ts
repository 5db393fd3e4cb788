import { expect, it, vi } from 'vitest'
import { aDb } from '../world/a-run.ts'
import { databases } from '../world/databases.ts'
import { inWords, play, type Schedule, scheduleOf, smallest } from '../world/oversell-schedule.ts'
import { openTown, type Town } from '../world/oversell-town.ts'
import { directFetch, openDirect } from '../world/oversell-wire.ts'

vi.mock('../../src/connectors/amazon/transport.ts', async () => (await import('../world/oversell-wire.ts')).directSdk)
vi.stubGlobal('fetch', directFetch)

const wire = openDirect()
const [sqlite] = databases

async function played(schedule: Schedule): Promise<Town> {
  const town = openTown(await aDb(sqlite!), wire, schedule.town)
  await play(town, schedule)
  return town
}

it('trial', async () => {
  const N = Number(process.env.N ?? 20)
  const from = Number(process.env.FROM ?? 1)
  const guard = (process.env.GUARD ?? 'pulled') as 'pulled'
  const t = process.cpuUsage(), t0 = Date.now()
  const kinds: Record<string, number> = {}
  const total = { told: 0, raised: 0, blind: 0, oversold: 0, steps: 0 }
  let first: Schedule | undefined
  for (let seed = from; seed < from + N; seed += 1) {
    const schedule = scheduleOf(seed, { guard })
    const town = await played(schedule)
    total.told += town.judge.counts.told; total.raised += town.judge.counts.raised; total.blind += town.judge.counts.blind
    total.oversold += town.oversold.units; total.steps += schedule.steps.length
    for (const f of town.judge.findings) kinds[f.kind] = (kinds[f.kind] ?? 0) + 1
    if (town.judge.findings.length > 0 && first === undefined) first = schedule
  }
  const cpu = process.cpuUsage(t)
  console.log(JSON.stringify({ N, ms: Date.now() - t0, cpu: (cpu.user + cpu.system) / 1000, kinds, total }))
  if (first !== undefined) {
    const kind = process.env.KIND ?? (await played(first)).judge.findings[0]!.kind
    const small = await smallest(first, async (s) => (await played(s)).judge.findings.some((f) => f.kind === kind))
    console.log(inWords(small)); console.log((await played(small)).judge.findings.map((f) => f.text).join('\n'))
  }
  expect(total.told).toBeGreaterThan(0)
}, 600_000)
