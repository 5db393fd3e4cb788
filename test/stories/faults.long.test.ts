import { databases } from '../world/databases.ts'
import { tellFaultStory } from './fault-story.ts'
import { faults } from './fault-table.ts'

for (const database of databases) tellFaultStory(database, faults)
