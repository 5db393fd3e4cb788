import { describe, it } from 'vitest'
import { toldOn } from '../world/databases.ts'
import { tellOfRefusedOrders } from './outage-told-story.ts'

/** In the fast suite few orders on one database; outage-told.long.test.ts tells it of 500 on both. */
describe.each(toldOn('sqlite'))('an outage, by mail, SMS and Slack, on $name', (database) => {
  it('60 orders are refused for one cause: told once, ended once, and nobody is named', () =>
    tellOfRefusedOrders(database, { amazon: 60, mirakl: 0, rounds: 1 }))
})
