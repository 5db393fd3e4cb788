import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Db } from '../../../src/core/db/db.ts'
import { listTasks } from '../../../src/core/db/task-list.ts'
import {
  addTasks,
  claimTasks,
  dropTask,
  markSent,
  rearmTask,
  rearmTasks,
  releaseTasks,
  renewTasks,
  settleTask,
} from '../../../src/core/db/tasks.ts'
import type { ClaimedTask, Settlement, TaskState } from '../../../src/core/model/task.ts'
import { MINUTE, noon } from '../../world/a-clock.ts'
import { aDb, severalConnections } from '../../world/a-run.ts'
import { databases } from '../../world/databases.ts'

describe.each(databases)('a task lease on $name', (database) => {
  let db: Db

  async function given(...keys: readonly string[]): Promise<void> {
    db = await aDb(database)
    await add(...keys)
  }

  async function add(...keys: readonly string[]): Promise<void> {
    const tasks = keys.map((key) => ({
      id: `id-${key}`,
      kind: 'push' as const,
      key,
      channel: 'amazon-us',
      orderId: null,
      shipmentId: null,
    }))
    await addTasks(db, tasks, noon)
  }

  function claim(owner: string, at = noon, limit = 10): Promise<ClaimedTask[]> {
    return claimTasks(db, { kind: 'push', limit }, { owner, until: at + 5 * MINUTE }, at)
  }

  async function stateOf(key: string): Promise<TaskState | undefined> {
    return (await listTasks(db, { ids: [`id-${key}`] }, 1))[0]?.state
  }

  it('comes back when its holder dies', async () => {
    await given('order-1')
    await claim('cron')

    expect(await claim('serve', noon + 4 * MINUTE)).toEqual([])
    expect(keys(await claim('serve', noon + 6 * MINUTE))).toEqual(['order-1'])
  })

  it('cannot be settled by a holder that was too slow', async () => {
    await given('order-1')
    const [task] = await claim('cron')
    await claim('serve', noon + 6 * MINUTE)

    expect(await settleTask(db, task!, 'cron', done, noon + 6 * MINUTE)).toBe(false)
    expect(await settleTask(db, task!, 'serve', done, noon + 6 * MINUTE)).toBe(true)
  })

  it('may still be settled after it ran out, as long as nobody else took it', async () => {
    await given('order-1')
    const [task] = await claim('cron')

    expect(await settleTask(db, task!, 'cron', done, noon + 30 * MINUTE)).toBe(true)
  })

  it('is held by one of several claimers', async () => {
    const connections = await severalConnections(database, 4)
    db = connections[0]!
    await add(...Array.from({ length: 60 }, (_, n) => `order-${n}`))

    const claims = await Promise.all(
      connections.flatMap((own, n) =>
        [1, 2, 3, 4].map((round) =>
          claimTasks(own, { kind: 'push', limit: 5 }, { owner: `worker-${n}-${round}`, until: noon + MINUTE }, noon),
        ),
      ),
    )

    const claimed = keys(claims.flat())
    expect(new Set(claimed).size).toBe(claimed.length)
    // Whoever comes upon rows that are just being locked skips them, so a round may leave some for the next.
    const rest = await claim('last', noon, 100)
    expect(new Set([...claimed, ...keys(rest)]).size).toBe(60)
    for (const batch of claims) expect(batch.length).toBeLessThanOrEqual(5)
  })

  it('takes the oldest due tasks first and no more than the limit', async () => {
    await given('late', 'early', 'future')
    await db.run('update tasks set next_attempt_at = ? where key = ?', [noon - 2 * MINUTE, 'early'])
    await db.run('update tasks set next_attempt_at = ? where key = ?', [noon - MINUTE, 'late'])
    await db.run('update tasks set next_attempt_at = ? where key = ?', [noon + 1, 'future'])

    expect(keys(await claim('cron', noon, 1))).toEqual(['early'])
    expect(keys(await claim('cron', noon, 5))).toEqual(['late'])
    expect(keys(await claim('cron', noon + 1, 5))).toEqual(['future'])
  })

  it('may be asked for by channel and by id', async () => {
    await given('a', 'b', 'c')
    await db.run('update tasks set channel = ? where key = ?', ['mirakl-macys', 'c'])
    const lease = { owner: 'me', until: noon + MINUTE }

    expect(keys(await claimTasks(db, { kind: 'push', channel: 'mirakl-macys', limit: 9 }, lease, noon))).toEqual(['c'])
    expect(keys(await claimTasks(db, { kind: 'push', ids: ['id-b', 'id-none'], limit: 9 }, lease, noon))).toEqual(['b'])
    expect(await claimTasks(db, { kind: 'confirm', limit: 9 }, lease, noon)).toEqual([])
  })

  it('is lengthened by its holder until the day it was lost', async () => {
    await given('order-1')
    await claim('cron')

    expect(await renewTasks(db, { owner: 'cron', until: noon + 10 * MINUTE }, noon + 4 * MINUTE)).toBe(1)
    expect(await claim('serve', noon + 9 * MINUTE)).toEqual([])
    expect(await renewTasks(db, { owner: 'cron', until: noon + 30 * MINUTE }, noon + 11 * MINUTE)).toBe(0)
    expect(await claim('serve', noon + 11 * MINUTE)).toHaveLength(1)
  })

  it('is given back untouched by a run that is told to stop', async () => {
    await given('order-1', 'order-2')
    const [, second] = await claim('cron')
    await settleTask(db, second!, 'cron', done, noon)

    await releaseTasks(db, 'cron', noon + 1)

    const [again] = await claim('next', noon + 1)
    expect(again).toMatchObject({ key: 'order-1', attempts: 0, generation: 1, sentAt: null })
    expect(await stateOf('order-2')).toBe('done')
  })

  describe('that has sent', () => {
    it('says so to whoever comes after', async () => {
      await given('order-1')
      await claim('cron')

      expect([...(await markSent(db, ['id-order-1'], 'cron', noon + 1))]).toEqual(['id-order-1'])
      expect((await claim('next', noon + 6 * MINUTE))[0]?.sentAt).toBe(noon + 1)
    })

    it('may not send any more once it is lost or over', async () => {
      await given('order-1', 'order-2')
      await claim('cron')
      await claim('next', noon + 6 * MINUTE, 1)

      expect([...(await markSent(db, ['id-order-1', 'id-order-2'], 'cron', noon + 6 * MINUTE))]).toEqual([])
      expect([...(await markSent(db, ['id-order-1', 'id-order-2'], 'next', noon + 6 * MINUTE))]).toEqual(['id-order-1'])
      expect(await markSent(db, [], 'next', noon)).toEqual(new Set())
    })

    it('forgets it with a known outcome and keeps it with an unknown one', async () => {
      await given('known', 'unknown', 'given-up')
      const tasks = await claim('cron')
      const [givenUp, known, unknown] = tasks
      await markSent(
        db,
        tasks.map(({ id }) => id),
        'cron',
        noon,
      )

      await settleTask(db, known!, 'cron', { ...waiting, keepSent: false }, noon)
      await settleTask(db, unknown!, 'cron', { ...waiting, keepSent: true }, noon)
      await settleTask(db, givenUp!, 'cron', { ...dead, keepSent: true }, noon)
      await rearmTasks(db, ['id-given-up'], noon)

      const again = await claim('next', noon + MINUTE)
      expect(again.map(({ key, sentAt }) => [key, sentAt])).toEqual([
        ['given-up', noon],
        ['known', null],
        ['unknown', noon],
      ])
    })
  })

  describe('whose work is asked for anew', () => {
    it('keeps its holder but does not end with that holder’s result', async () => {
      await given('order-1')
      const [task] = await claim('cron')

      expect(await rearmTask(db, 'push', 'order-1', noon + 1)).toBe(true)
      expect(await claim('next', noon + 1)).toEqual([])
      expect(await settleTask(db, task!, 'cron', done, noon + 2)).toBe(true)

      expect(await claim('next', noon + 2)).toMatchObject([{ key: 'order-1', generation: 2, attempts: 0, sentAt: null }])
    })

    it('is not given up by a result of the older wish', async () => {
      await given('order-1')
      const [task] = await claim('cron')
      await rearmTask(db, 'push', 'order-1', noon + 1)

      await settleTask(db, task!, 'cron', dead, noon + 2)

      expect(await stateOf('order-1')).toBe('pending')
    })

    it('becomes due from any state, with all its tries, and says when there is nothing to wake', async () => {
      await given('order-1')
      const [task] = await claim('cron')
      await settleTask(db, task!, 'cron', dead, noon)
      expect(await claim('next', noon + MINUTE)).toEqual([])

      expect(await rearmTask(db, 'push', 'order-1', noon + MINUTE)).toBe(true)
      expect(await rearmTask(db, 'push', 'order-9', noon + MINUTE)).toBe(false)

      expect(await claim('next', noon + MINUTE)).toMatchObject([{ key: 'order-1', attempts: 0 }])
    })

    it('still looks up what may have been sent', async () => {
      await given('order-1')
      const [task] = await claim('cron')
      await markSent(db, [task!.id], 'cron', noon)
      await settleTask(db, task!, 'cron', { ...waiting, keepSent: true }, noon)

      await rearmTask(db, 'push', 'order-1', noon + 1)

      expect(await claim('next', noon + 1)).toMatchObject([{ sentAt: noon }])
    })
  })

  it('is dropped when nobody needs it, but never while it runs or may have been sent', async () => {
    await given('pending', 'running', 'sent')
    const [pending, running, sent] = await claim('cron')
    await markSent(db, [sent!.id], 'cron', noon)
    await settleTask(db, pending!, 'cron', { ...waiting, keepSent: false }, noon)
    await settleTask(db, sent!, 'cron', { ...waiting, keepSent: true }, noon)

    expect(await dropTask(db, 'push', 'pending', noon)).toBe(true)
    expect(await dropTask(db, 'push', running!.key, noon)).toBe(false)
    expect(await dropTask(db, 'push', 'sent', noon)).toBe(false)
    expect(await dropTask(db, 'push', 'unheard-of', noon)).toBe(false)
    expect([await stateOf('pending'), await stateOf('running'), await stateOf('sent')]).toEqual(['done', 'running', 'waiting'])
  })

  it('is added once: a key that exists keeps its row', async () => {
    await given('order-1')
    const [task] = await claim('cron')
    await settleTask(db, task!, 'cron', done, noon)

    await addTasks(
      db,
      [{ id: 'other', kind: 'push', key: 'order-1', channel: 'amazon-us', orderId: null, shipmentId: null }],
      noon,
    )

    expect(await stateOf('order-1')).toBe('done')
    expect(await listTasks(db, {}, 9)).toHaveLength(1)
  })
})

describe('any story of workers', () => {
  // On one database only: each run needs a fresh table, and the SQL is the same.
  const database = databases[0]!

  it('never has two holders of one task, and never loses one', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('claim' as const), limit: fc.integer({ min: 1, max: 3 }) }),
      fc.record({
        do: fc.constant('settle' as const),
        who: fc.nat(20),
        as: fc.constantFrom('done' as const, 'waiting' as const, 'dead' as const),
      }),
      fc.record({ do: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ do: fc.constant('rearm' as const), key: fc.nat(3) }),
      fc.record({ do: fc.constant('release' as const), who: fc.nat(20) }),
    )
    const db = await aDb(database)
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        await db.run('delete from tasks')
        const tasks = [0, 1, 2, 3].map((n) => ({
          id: `t${n}`,
          kind: 'push' as const,
          key: `k${n}`,
          channel: 'c',
          orderId: null,
          shipmentId: null,
        }))
        await addTasks(db, tasks, noon)
        const claims: { readonly owner: string; readonly task: ClaimedTask }[] = []
        /** Who holds what until when, as it should be. */
        const holders = new Map<string, { readonly owner: string; readonly until: number }>()
        let now = noon
        for (const [n, next] of steps.entries()) {
          if (next.do === 'pass') now += next.minutes * MINUTE
          else if (next.do === 'claim') {
            const owner = `o${n}`
            for (const task of await claimTasks(
              db,
              { kind: 'push', limit: next.limit },
              { owner, until: now + 2 * MINUTE },
              now,
            )) {
              const holder = holders.get(task.id)
              expect(holder === undefined || holder.until < now).toBe(true)
              holders.set(task.id, { owner, until: now + 2 * MINUTE })
              claims.push({ owner, task })
            }
          } else if (next.do === 'rearm') await rearmTask(db, 'push', `k${next.key}`, now)
          else {
            const claim = claims[next.who % Math.max(1, claims.length)]
            if (claim === undefined) continue
            const holds = holders.get(claim.task.id)?.owner === claim.owner
            if (next.do === 'release') {
              await releaseTasks(db, claim.owner, now)
              for (const [id, { owner }] of holders) if (owner === claim.owner) holders.delete(id)
              continue
            }
            const settlement: Settlement =
              next.as === 'done' ? done : next.as === 'dead' ? dead : { ...waiting, nextAttemptAt: now, keepSent: false }
            expect(await settleTask(db, claim.task, claim.owner, settlement, now)).toBe(holds)
            if (holds) holders.delete(claim.task.id)
          }
        }
        // After the last lease has run out everything that was not ended by its newest wish is due.
        const open = await claimTasks(
          db,
          { kind: 'push', limit: 9 },
          { owner: 'end', until: now + 99 * MINUTE },
          now + 9 * MINUTE,
        )
        const ended = await listTasks(db, { states: ['done', 'dead'] }, 9)
        expect([...open, ...ended].map(({ id }) => id).sort()).toEqual(['t0', 't1', 't2', 't3'])
      }),
      { numRuns: 60 },
    )
  })
})

const done = { state: 'done' } as const
const dead = { state: 'dead', attempts: 3, errorKind: 'permanent', error: 'refused', keepSent: false } as const
const waiting = {
  state: 'waiting',
  nextAttemptAt: noon + MINUTE,
  attempts: 1,
  errorKind: 'retryable',
  error: 'no answer',
} as const

function keys(tasks: readonly ClaimedTask[]): string[] {
  return tasks.map(({ key }) => key)
}
