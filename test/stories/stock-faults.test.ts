import { databases } from '../world/databases.ts'
import { stockFaults, tellStockFaults } from './stock-fault-story.ts'

// Every third fault at one place: of the patches on the one database, of the feeds on the other. stock-faults.long.test.ts has all of it on both.
for (const [turn, database] of databases.entries()) {
  tellStockFaults(
    database,
    stockFaults.filter((_, row) => row % (3 * databases.length) === turn),
    (way, row, place) => way === turn % 2 && (2 * row + turn) % 5 === place,
  )
}
