import { databases } from '../world/databases.ts'
import { tellReconcile } from './reconcile-story.ts'

// More orders of Mirakl's than one of its pages holds.
for (const database of databases) tellReconcile(database, { amazon: 40, mirakl: 120, ebay: 3 })
