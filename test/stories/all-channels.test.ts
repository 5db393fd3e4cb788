import { inject } from 'vitest'
import { databases } from '../world/databases.ts'
import { tellAllChannels } from './all-channels-story.ts'

/** In the fast suite on one database; all-channels.long.test.ts tells it on both. */
for (const database of inject('thorough') ? databases : databases.filter(({ name }) => name === 'sqlite'))
  tellAllChannels(database)
