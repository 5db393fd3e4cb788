import { databases } from '../world/databases.ts'
import { tellFaultStory } from './fault-story.ts'
import { faults } from './fault-table.ts'

// Each fault on one of the databases; faults.long.test.ts has every fault on both.
for (const [turn, database] of databases.entries()) {
  tellFaultStory(
    database,
    faults.filter((_, row) => row % databases.length === turn),
  )
}
