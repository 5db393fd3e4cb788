import { databases } from '../world/databases.ts'
import { tellFaultStory } from './fault-story.ts'
import { faults } from './fault-table.ts'

// Every second fault on one of the databases, refusals and cuts and silence on either; faults.long.test.ts has every fault on both.
for (const [turn, database] of databases.entries()) {
  tellFaultStory(
    database,
    faults.filter((_, row) => row % 4 === turn * 3),
  )
}
