import { toldOn } from '../world/databases.ts'
import { tellKilledRepair, tellReconcile } from './reconcile-story.ts'

// More orders of Mirakl's than one of its pages holds.
for (const database of toldOn('sqlite')) tellReconcile(database, { amazon: 40, mirakl: 120, ebay: 3 })

for (const database of toldOn('postgres')) tellKilledRepair(database)
