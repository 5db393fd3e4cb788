import { describe, expect, it } from 'vitest'
import { beginRun, endRun } from '../../../src/core/db/runs.ts'
import { runsReport } from '../../../src/core/reports/runs.ts'
import { statusReport } from '../../../src/core/reports/status.ts'
import { MINUTE } from '../../world/a-clock.ts'
import { aRun, type TestRun } from '../../world/a-run.ts'
import { databases } from '../../world/databases.ts'

/** The process that is alive on this host. */
const AT_WORK = 11
const isAlive = (host: string, pid: number) => (host === 'host-a' ? pid === AT_WORK : undefined)

/** A run that began now; without a verdict it has no end. */
async function began(run: TestRun, id: string, command: string, pid: number, verdict?: string, host = 'host-a'): Promise<void> {
  const now = run.clock.now()
  await beginRun(run.db, { id, command, host, pid }, now)
  if (verdict !== undefined) await endRun(run.db, id, { verdict, counts: {}, calls: {} }, now + MINUTE)
  await run.clock.advance(2 * MINUTE)
}

async function shown(run: TestRun): Promise<readonly string[]> {
  const { runs } = await statusReport(run.db, [], isAlive, run.clock.now())
  return runs.map(({ id, verdict }) => `${id} ${verdict}`)
}

describe.each(databases)('the runs of the status, with $name', (database) => {
  it('are the last of each command, and whatever is at work behind it', async () => {
    const run = await aRun(database)
    await began(run, 'killed-before', 'orders:pull', 10)
    await began(run, 'at-work', 'orders:pull', AT_WORK)
    await began(run, 'elsewhere', 'reconcile', 12, undefined, 'host-b')
    await began(run, 'older', 'retry', 13, 'done')
    await began(run, 'killed-last', 'tracking:sync', 14)
    await began(run, 'done-last', 'orders:pull', 15, 'done')
    await began(run, 'after-elsewhere', 'reconcile', 16, 'partly')

    expect(await shown(run)).toEqual([
      'after-elsewhere partly',
      'done-last done',
      'killed-last killed',
      'older done',
      'elsewhere unknown',
      'at-work running',
    ])

    await run.clock.advance(60 * MINUTE)
    expect(await shown(run)).not.toContainEqual(expect.stringContaining('elsewhere unknown'))
  })

  it('stand there in the words of the list of runs', async () => {
    const run = await aRun(database)
    await began(run, 'one', 'orders:pull', AT_WORK)
    await began(run, 'two', 'retry', 14)
    await began(run, 'three', 'reconcile', 12, undefined, 'host-b')

    const listed = await runsReport(run.db, { limit: 9 }, isAlive, run.clock.now())

    expect(listed.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(await shown(run))
    expect(listed.map(({ verdict }) => verdict)).toEqual(['unknown', 'killed', 'running'])
  })
})
