import { describe, expect, it } from 'vitest'
import { openDb } from '../../../src/core/db/open.ts'
import { openScratch } from '../../../src/core/db/scratch.ts'
import { databases } from '../../world/databases.ts'

describe.each(databases)('the private copy of a dry run on $name', (database) => {
  it('does not wait for a run that is fetching a token or holds a lease at that moment', async () => {
    const url = await database.migrated()
    const db = await openDb(url)
    await db.run(
      `insert into access_tokens (account, fingerprint, lease_owner, lease_until) values ('amazon-us', 'f', 'other', 9000000000000)`,
    )
    await db.run(
      `insert into leases (name, owner, host, pid, taken_at, lease_until) values ('orders:pull amazon-us', 'o', 'h', 1, 1, 9000000000000)`,
    )
    await db.close()

    const scratch = await openScratch(url, { reach: () => undefined })

    expect(await scratch.rows('select lease_owner, lease_until from access_tokens')).toEqual([
      { lease_owner: null, lease_until: 0 },
    ])
    expect(await scratch.rows('select name from leases')).toEqual([])
    await scratch.close()
  })
})
