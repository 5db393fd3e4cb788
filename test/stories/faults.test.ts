import { databases } from '../world/databases.ts'
import { tellFaultStory } from './fault-story.ts'
import { faults } from './fault-table.ts'

// Of every kind of fault one: refusals and cuts on the one database, errors and silence on the other; faults.long.test.ts has every fault on both.
for (const [turn, database] of databases.entries()) {
  tellFaultStory(
    database,
    faults.filter((_, row) => row % 8 === turn * 3),
  )
}
