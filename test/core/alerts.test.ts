import { describe, expect, it } from 'vitest'
import { closeAlerts, listAlerts } from '../../src/core/alerts/close.ts'
import { raiseAlert } from '../../src/core/db/alerts.ts'
import { noon } from '../world/a-clock.ts'
import { aRun, type TestRun } from '../world/a-run.ts'
import { databases } from '../world/databases.ts'

describe.each(databases)('an alert that a person has dealt with, on $name', (database) => {
  let run: TestRun

  async function raised(rule: string): Promise<string> {
    const id = run.ids.next()
    await raiseAlert(run.db, { id, rule, channel: 'amazon-us', severity: 'warning', message: 'A-1', next: 'isync status' }, noon)
    return id
  }

  it('is closed, with who did it, and opens again when it happens again', async () => {
    run = await aRun(database)
    const id = await raised('extra-package')

    await closeAlerts(run, [id])

    expect(await listAlerts(run)).toEqual([])
    expect(await run.db.rows(`select what, actor from events where entity = 'alert' and entity_id = ?`, [id])).toMatchObject([
      { what: 'closed', actor: run.actor },
    ])
    await raised('extra-package')
    expect(await listAlerts(run)).toHaveLength(1)
  })

  it('is not closed together with an unknown one', async () => {
    run = await aRun(database)
    const id = await raised('no-tracking')
    await expect(closeAlerts(run, [id, 'nonsense'])).rejects.toThrow('alert nonsense is not open')
    expect(await listAlerts(run)).toMatchObject([{ id }])
  })
})
