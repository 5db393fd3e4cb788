import { it } from 'vitest'
import { databases } from '../world/databases.ts'
import { tellOfMany } from './stock-many-story.ts'

// stock-many.long.test.ts tells it of 10,000 on both databases.
it.each(databases.slice(0, 1))(
  '100 of 1,000 SKUs changed on four channels cost the fewest calls there are, with $name',
  { timeout: 90_000 },
  (database) => tellOfMany(database, 1000),
)
