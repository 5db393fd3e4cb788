import { databases } from '../world/databases.ts'
import { stockFaults, tellStockFaults } from './stock-fault-story.ts'

for (const database of databases) tellStockFaults(database, stockFaults, () => true)
