import { it } from 'vitest'
import { databases } from '../world/databases.ts'
import { tellOfMany } from './stock-many-story.ts'

it.each(databases)('100 of 10,000 SKUs changed on four channels cost the fewest calls there are, with $name', (database) =>
  tellOfMany(database, 10_000),
)
