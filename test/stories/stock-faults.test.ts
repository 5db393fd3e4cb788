import { databases } from '../world/databases.ts'
import { stockFaults, tellStockFaults } from './stock-fault-story.ts'

/** A fault at one place: of the patches on the one database, of the feeds on the other. stock-faults.long.test.ts has all of it on both. */
const told = {
  sqlite: { fault: 'no answer in time, taken effect', way: 0, place: 2 },
  postgres: { fault: 'JSON cut in half', way: 1, place: 3 },
} as const

for (const database of databases) {
  const { fault, way, place } = told[database.name]
  tellStockFaults(
    database,
    stockFaults.filter((row) => row.fault === fault),
    (nth, _row, at) => nth === way && at === place,
  )
}
