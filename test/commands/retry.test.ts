import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openDb } from '../../src/core/db/open.ts'
import { addTasks } from '../../src/core/db/tasks.ts'
import { databases } from '../world/databases.ts'
import { startWorld, type World } from '../world/loop.ts'

let world: World

beforeAll(async () => {
  const [sqlite] = databases
  if (sqlite === undefined) throw new Error('there is no database to test with')
  world = await startWorld(sqlite, { scale: 20 })
})
afterAll(() => world.close())

const failures = [
  ['refused', 'dead', 'permanent'],
  ['locked-out', 'waiting', 'auth'],
  ['flaky', 'waiting', 'retryable'],
  ['finished', 'done', null],
] as const

beforeEach(async () => {
  const db = await openDb(world.databaseUrl)
  await db.run('delete from tasks')
  const task = { kind: 'push', channel: 'mirakl-macys', orderId: null, shipmentId: null } as const
  await addTasks(
    db,
    failures.map(([id]) => ({ ...task, id, key: `mirakl-macys:${id}` })),
    1,
  )
  for (const [id, state, kind] of failures)
    await db.run('update tasks set state = ?, last_error_kind = ? where id = ?', [state, kind, id])
  await db.close()
})

/** The tasks that such a retry would work. */
async function shown(...options: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await world.isync(['retry', '--dry-run', ...options])
  return failures.map(([id]) => id).filter((id) => new RegExp(`^${id} +push`, 'm').test(stdout))
}

describe('isync retry', () => {
  it('is narrowed by the class of the last error, several of them, and whether it was given up', async () => {
    expect(await shown()).toEqual(['locked-out', 'flaky'])
    expect(await shown('--class', 'auth')).toEqual(['locked-out'])
    expect(await shown('--class', 'auth', '--class', 'retryable')).toEqual(['locked-out', 'flaky'])
    expect(await shown('--dead', '--class', 'permanent')).toEqual(['refused'])
    expect(await shown('--dead', '--class', 'auth')).toEqual([])
  })

  it('says of named tasks that they are done, or that there is no such task, and leaves with 0', async () => {
    const { code, stdout } = await world.isync(['retry', '--id', 'finished', '--id', 'no-such', '--yes'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Nothing to do: no task with the id finished, no-such is open/)
    expect(stdout).toContain('Task finished (push mirakl-macys:finished) is left alone: it is done.')
    expect(stdout).toContain('There is no task no-such')
  })

  it('works the named ones that are open and tells of the others', async () => {
    const { stdout } = await world.isync(['retry', '--id', 'refused', '--id', 'finished', '--dry-run'])
    expect(stdout).toMatch(/^refused +push/m)
    expect(stdout).toContain('Task finished (push mirakl-macys:finished) is left alone')
  })

  it('tells that nothing is there of what it was narrowed to, and refuses a class that is none', async () => {
    expect((await world.isync(['retry', '--class', 'throttled'])).stdout).toBe('Nothing to do: no such task is due.\n')
    expect((await world.isync(['retry', '--dead', '--class', 'auth'])).stdout).toBe('Nothing to do: no such task was given up.\n')
    const { code, stderr } = await world.isync(['retry', '--class', 'bad-luck'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('retryable, throttled, auth, permanent')])
  })
})
