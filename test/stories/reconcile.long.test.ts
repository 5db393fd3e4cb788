import { databases } from '../world/databases.ts'
import { tellReconcile } from './reconcile-story.ts'

for (const database of databases) tellReconcile(database, { amazon: 1_000, mirakl: 600, ebay: 260 })
