import { appendFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { databases } from '../world/databases.ts'
import { printed } from '../world/day-accounts.ts'
import { type Day, tellDay } from './virtual-day-story.ts'

const { ISYNC_DAY = 'quarter', ISYNC_DAY_REPORT } = process.env

/**
 * A quarter of a day by default, from one to seven in the morning: purge and the daily report are in it. `ISYNC_DAY=whole` is the day, in which
 * 5,000 orders come; `ISYNC_DAY_REPORT` is a file for how far it is and what came of it.
 */
const days: Readonly<Record<string, Day>> = {
  calm: { orders: 200, minutes: 60 },
  little: { orders: 60, minutes: 20, faultEvery: 3, dryRuns: true },
  hour: { orders: 200, minutes: 60, faultEvery: 4, dryRuns: true },
  quarter: { orders: 1250, minutes: 360, from: 1, faultEvery: 6, dryRuns: true },
  whole: { orders: 5000, minutes: 1440, from: 0, faultEvery: 7, dryRuns: true },
}

function say(line: string): void {
  if (ISYNC_DAY_REPORT !== undefined) appendFileSync(ISYNC_DAY_REPORT, `${line}\n`)
}

it(`two serves and the crontab for ${ISYNC_DAY} of a day: nothing lost, nothing doubled, every promise kept`, {
  timeout: 7_200_000,
}, async () => {
  const [, postgres] = databases
  const day = days[ISYNC_DAY]
  if (postgres === undefined || day === undefined) throw new Error(`ISYNC_DAY is one of ${Object.keys(days).join(', ')}`)
  const accounts = await tellDay(postgres, { ...day, say })
  process.stdout.write(`${printed(accounts)}\n`)
  expect(accounts.channels.reduce((sum, { seeded }) => sum + seeded, 0)).toBe(day.orders)
})
