import { describe, it } from 'vitest'
import { databases } from '../world/databases.ts'
import { tellOfRefusedOrders } from './outage-told-story.ts'

describe.each(databases)('an outage, by mail, SMS and Slack, on $name', (database) => {
  it('500 orders are refused for one cause: told once, ended once, and nobody is named', () =>
    tellOfRefusedOrders(database, { amazon: 300, mirakl: 200, rounds: 3 }))
})
