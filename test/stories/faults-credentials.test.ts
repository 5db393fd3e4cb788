import { databases } from '../world/databases.ts'
import { tellCredentialStory } from './credentials-story.ts'

// faults.long.test.ts tells it on both.
for (const database of databases) if (database.name === 'sqlite') tellCredentialStory(database)
