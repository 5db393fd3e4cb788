import { databases } from '../world/databases.ts'
import { tellCredentialStory } from './credentials-story.ts'
import { tellFaultStory } from './fault-story.ts'
import { faults } from './fault-table.ts'
import { tellPoisonStory } from './poison-story.ts'

for (const database of databases) {
  tellFaultStory(database, faults)
  tellCredentialStory(database)
  tellPoisonStory(database)
}
