import { databases } from '../world/databases.ts'
import { stockFaults, tellStockFaults } from './stock-fault-story.ts'

for (const [turn, database] of databases.entries()) {
  tellStockFaults(
    database,
    stockFaults.filter((_, row) => row % databases.length === turn),
  )
}
