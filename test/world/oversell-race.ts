import { aDb } from './a-run.ts'
import type { TestDatabase } from './databases.ts'
import type { Finding } from './oversell-judge.ts'
import { inWords, play, type Schedule, scheduleOf, smallest } from './oversell-schedule.ts'
import { openTown, type Town, type TownOptions } from './oversell-town.ts'
import type { Wire } from './oversell-wire.ts'

export interface Race {
  readonly schedules: number
  readonly steps: number
  /** Numbers that left; raises among them; raises that nobody could know to be any. */
  readonly told: number
  readonly raised: number
  readonly blind: number
  /** Units that buyers got promised and that were not there. */
  readonly oversold: number
  readonly interruptions: number
  readonly outages: number
  readonly kinds: Readonly<Partial<Record<Finding['kind'], number>>>
  /** The first schedule with a finding, without the steps it does not need, and what was found. Empty: nothing was. */
  readonly first: string
}

export interface RaceOptions {
  readonly from: number
  readonly count: number
  readonly fix?: Partial<TownOptions>
  /** Buyers want everything that is on show. */
  readonly hungry?: boolean
  /** Reduce the first schedule with a finding. */
  readonly reduce: boolean
}

/** Plays the schedules of `count` seeds, each on an empty database. */
export async function race(database: TestDatabase, wire: Wire, { from, count, fix, hungry, reduce }: RaceOptions): Promise<Race> {
  async function played(schedule: Schedule): Promise<Town> {
    const town = openTown(await aDb(database), wire, schedule.town)
    await play(town, schedule)
    return town
  }
  const sum = { schedules: 0, steps: 0, told: 0, raised: 0, blind: 0, oversold: 0, interruptions: 0, outages: 0 }
  const kinds: Partial<Record<Finding['kind'], number>> = {}
  let first = ''
  for (let seed = from; seed < from + count; seed += 1) {
    const schedule = scheduleOf(seed, fix, hungry)
    const { judge, oversold, trouble } = await played(schedule)
    sum.schedules += 1
    sum.steps += schedule.steps.length
    sum.told += judge.counts.told
    sum.raised += judge.counts.raised
    sum.blind += judge.counts.blind
    sum.oversold += oversold.units
    sum.interruptions += trouble.interruptions
    sum.outages += trouble.outages
    for (const { kind } of judge.findings) kinds[kind] = (kinds[kind] ?? 0) + 1
    const [found] = judge.findings
    if (found === undefined || first !== '' || !reduce) continue
    const least = await smallest(schedule, async (fewer) =>
      (await played(fewer)).judge.findings.some(({ kind }) => kind === found.kind),
    )
    first = [inWords(least), ...(await played(least)).judge.findings.map(({ text }) => text)].join('\n')
  }
  return { ...sum, kinds, first }
}
