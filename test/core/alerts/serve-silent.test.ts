import { describe, expect, it } from 'vitest'
import { silentCommands } from '../../../src/core/alerts/silence.ts'
import { writeCursor } from '../../../src/core/db/cursors.ts'
import { openDb } from '../../../src/core/db/open.ts'
import { beginRun, pastsOf } from '../../../src/core/db/runs.ts'
import { databases } from '../../world/databases.ts'

const MINUTE = 60_000
const watch = { intervals: new Map([['serve', 5 * MINUTE]]), warningAfter: 3, criticalAfter: 6 }

describe.each(databases)('an isync serve, with $name', ({ migrated }) => {
  it('that says every minute that it works is not silent, though its run has no end; one that stopped saying so is', async () => {
    const db = await openDb(await migrated())
    const began = Date.UTC(2026, 10, 22, 9)
    await beginRun(db, { id: 'run-1', command: 'serve', host: 'host', pid: 1 }, began)
    await writeCursor(db, 'serve', 'alive', { at: began + 300 * MINUTE }, began + 300 * MINUTE)
    const at = async (now: number) => silentCommands(watch, await pastsOf(db, ['serve']), began, now)
    expect(await at(began + 310 * MINUTE)).toEqual([])
    expect(await at(began + 316 * MINUTE)).toMatchObject([
      {
        severity: 'warning',
        message: 'isync serve has not been at work for 16 min: webhooks are lost, and everything waits for cron',
      },
    ])
    expect(await at(began + 331 * MINUTE)).toMatchObject([{ severity: 'critical' }])
    await db.close()
  })
})
