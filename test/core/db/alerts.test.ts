import { describe, expect, it } from 'vitest'
import { openAlerts, raiseAlert, resolveAlert, type Severity } from '../../../src/core/db/alerts.ts'
import type { Db } from '../../../src/core/db/db.ts'
import { MINUTE, noon } from '../../world/a-clock.ts'
import { aDb, severalConnections } from '../../world/a-run.ts'
import { databases } from '../../world/databases.ts'

let issued = 0
function raise(db: Db, rule: string, channel: string, severity: Severity = 'warning', at = noon, message = 'trouble') {
  return raiseAlert(db, { id: `alert-${++issued}`, rule, channel, severity, message, next: 'isync doctor' }, at)
}

describe.each(databases)('an alert on $name', (database) => {
  it('is open once for each rule and channel, and counts how often it came', async () => {
    const db = await aDb(database)
    expect(await raise(db, 'poison', 'amazon-us')).toBe(true)
    expect(await raise(db, 'poison', 'amazon-us', 'warning', noon + MINUTE, 'more trouble')).toBe(false)
    expect(await raise(db, 'poison', 'mirakl-macys')).toBe(true)
    expect(await openAlerts(db)).toMatchObject([
      { channel: 'amazon-us', opened_at: noon, last_seen_at: noon + MINUTE, count: 2, message: 'more trouble' },
      { channel: 'mirakl-macys', count: 1 },
    ])
  })

  it('is opened by one of many that raise it in the same moment', async () => {
    const connections = await severalConnections(database, 6)
    const answers = await Promise.all(connections.map((db) => raise(db, 'auth', 'amazon-us')))
    expect(answers.filter((isNew) => isNew)).toHaveLength(1)
    expect(await openAlerts(connections[0]!)).toMatchObject([{ count: 6 }])
  })

  it('stays critical once it was, and goes first', async () => {
    const db = await aDb(database)
    await raise(db, 'poison', 'amazon-us')
    await raise(db, 'auth', 'amazon-us', 'critical', noon + MINUTE)
    await raise(db, 'auth', 'amazon-us', 'warning', noon + MINUTE)
    expect((await openAlerts(db)).map(({ rule, severity }) => [rule, severity])).toEqual([
      ['auth', 'critical'],
      ['poison', 'warning'],
    ])
  })

  it('ends when it is resolved, and is a new one when it comes again', async () => {
    const db = await aDb(database)
    await raise(db, 'auth', 'amazon-us')
    expect(await resolveAlert(db, 'auth', 'amazon-us', noon + MINUTE)).toBe(true)
    expect(await resolveAlert(db, 'auth', 'amazon-us', noon + MINUTE)).toBe(false)
    expect(await openAlerts(db)).toEqual([])
    expect(await raise(db, 'auth', 'amazon-us')).toBe(true)
    expect(await openAlerts(db)).toMatchObject([{ count: 1 }])
  })
})
