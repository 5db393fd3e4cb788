import { databases } from '../world/databases.ts'
import { tellPoisonStory } from './poison-story.ts'

// faults.long.test.ts tells it on both.
for (const database of databases) if (database.name === 'postgres') tellPoisonStory(database)
