import { toldOn } from '../world/databases.ts'
import { tellAllChannels } from './all-channels-story.ts'

/** In the fast suite on one database; all-channels.long.test.ts tells it on both. */
for (const database of toldOn('sqlite')) tellAllChannels(database)
