import { describe, expect, it } from 'vitest'
import { openAlerts } from '../../../src/core/db/alerts.ts'
import { addTasks } from '../../../src/core/db/tasks.ts'
import { PermanentError, RefusedByDryRun, RetryableError, ThrottledError } from '../../../src/core/errors.ts'
import { type Claim, type TaskResult, workTasks } from '../../../src/core/tasks/work.ts'
import { MINUTE, noon, SECOND } from '../../world/a-clock.ts'
import { aRun, aRunOn, type TestRun } from '../../world/a-run.ts'
import { alertRules, taskList, tasksOf } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'

const facts = { account: 'amazon-us', operation: 'confirmShipment' }
const done: TaskResult = { status: 'done' }

describe.each(databases)('a worker on $name', (database) => {
  async function given(count: number): Promise<TestRun> {
    const run = await aRun(database)
    const keys = Array.from({ length: count }, (_, n) => `k${n}`)
    await addTasks(
      run.db,
      keys.map((key) => ({
        id: `id-${key}`,
        kind: 'confirm' as const,
        key,
        channel: 'amazon-us',
        orderId: null,
        shipmentId: null,
      })),
      noon,
    )
    return run
  }

  function work(run: TestRun, handle: (claim: Claim, results: Map<string, TaskResult>) => void | Promise<void>, batch = 2) {
    return workTasks(run, {
      kind: 'confirm',
      batch,
      settleMs: MINUTE,
      maskFor: async () => (text) => text,
      handle: async (claim, results) => handle(claim, results),
    })
  }

  it('takes batch after batch until nothing is due', async () => {
    const run = await given(5)
    const sizes: number[] = []
    const report = await work(run, ({ tasks }, results) => {
      sizes.push(tasks.length)
      for (const { id } of tasks) results.set(id, done)
    })
    expect(sizes).toEqual([2, 2, 1])
    expect(report).toEqual({ done: 5, waiting: 0, dead: 0, problems: [] })
  })

  it('writes a result and the end of its task together, or neither', async () => {
    const run = await given(1)
    const record = async (): Promise<void> => Promise.reject(new Error('disk full'))
    await expect(work(run, ({ tasks }, results) => void results.set(tasks[0]!.id, { status: 'done', record }))).rejects.toThrow(
      'disk full',
    )
    expect(await taskList(run.db)).toEqual(['confirm k0 running'])
  })

  it('keeps what was answered before the account failed, and claims no more', async () => {
    const run = await given(4)
    const failure = new ThrottledError('429', { ...facts, waitMs: 9 * SECOND })
    const report = await work(run, ({ tasks }, results) => {
      results.set(tasks[0]!.id, done)
      throw failure
    })
    expect(report).toMatchObject({ done: 1, waiting: 1, dead: 0, stoppedBy: failure })
    expect((await tasksOf(run.db)).map(({ key, state, attempts }) => [key, state, attempts]).sort()).toEqual([
      ['k0', 'done', 0],
      ['k1', 'waiting', 0],
      ['k2', 'pending', 0],
      ['k3', 'pending', 0],
    ])
  })

  it('ends where a task gets no answer at all, and leaves that task for another run', async () => {
    const run = await given(2)
    let rounds = 0
    const report = await work(run, ({ tasks }, results) => {
      rounds += 1
      if (rounds > 3) run.stop()
      for (const { id, key } of tasks) if (key === 'k0') results.set(id, done)
    })
    expect(rounds).toBeLessThanOrEqual(2)
    expect(report).toMatchObject({ done: 1 })
    expect(await taskList(run.db)).toEqual(['confirm k0 done', 'confirm k1 waiting'])
  })

  it('drops the result of a task that it lost meanwhile', async () => {
    const run = await given(1)
    const other = aRunOn(run.db, { name: 'other', clock: run.clock })
    const recorded: string[] = []
    await work(run, async ({ tasks }, results) => {
      results.set(tasks[0]!.id, { status: 'done', record: async () => void recorded.push('late') })
      await run.db.run('update tasks set lease_until = ?', [noon - 1])
      await work(
        other,
        (claim, own) => void own.set(claim.tasks[0]!.id, { status: 'failed', error: new RetryableError('503', facts) }),
      )
    })
    expect(recorded).toEqual([])
    expect(await tasksOf(run.db)).toMatchObject([{ state: 'waiting', attempts: 1, last_error_kind: 'retryable' }])
    expect(run.logged.map(({ message }) => message)).toContain('lease was lost, result dropped')
  })

  it('sends nothing for a task that it lost meanwhile', async () => {
    const run = await given(2)
    let sent: string[] = []
    await work(run, async ({ tasks, markSent }, results) => {
      await run.db.run(`update tasks set lease_owner = 'somebody else' where key = 'k0'`)
      sent = (await markSent(tasks)).map(({ key }) => key)
      for (const { id } of tasks) results.set(id, done)
    })
    expect(sent).toEqual(['k1'])
  })

  it('sends nothing once it is told to stop, even if that comes between two steps', async () => {
    const run = await given(1)
    let sent = false
    await work(run, async ({ tasks, markSent }) => {
      run.stop()
      await markSent(tasks)
      sent = true
    })
    expect(sent).toBe(false)
    expect(await taskList(run.db)).toEqual(['confirm k0 waiting'])
  })

  it('says of each failure what, why and what next, and alerts of those it gave up until they are mended', async () => {
    const run = await given(1)
    const report = await work(
      run,
      ({ tasks }, results) =>
        void results.set(tasks[0]!.id, { status: 'failed', error: new PermanentError('no such line', facts) }),
    )
    expect(report.dead).toBe(1)
    expect(report.problems).toHaveLength(1)
    expect(report.problems[0]?.why).toContain('no such line')
    expect(report.problems[0]?.next).toContain('isync retry')
    expect(await alertRules(run.db)).toEqual(['dead-confirm'])

    await run.db.run(`update tasks set state = 'pending'`)
    await work(run, ({ tasks }, results) => void results.set(tasks[0]!.id, done))
    expect(await alertRules(run.db)).toEqual([])
  })

  it.each([
    ['refused for good: the cause is to be mended first', new PermanentError('no such line', facts), 'mend the cause, then: '],
    ['given up after the last try: it is tried again', new RetryableError('503', facts), ''],
  ])('%s', async (_, error, first) => {
    const run = await given(1)
    await run.db.run('update tasks set attempts = 99')
    await work(run, ({ tasks }, results) => void results.set(tasks[0]!.id, { status: 'failed', error }))
    expect(await openAlerts(run.db)).toMatchObject([
      { rule: 'dead-confirm', next: `${first}isync retry --dead --kind confirm --channel amazon-us` },
    ])
  })

  it('counts a call that a dry run refused as done: the plan has it', async () => {
    const run = await given(1)
    const report = await work(run, () => {
      throw new RefusedByDryRun('confirmShipment')
    })
    expect(report).toEqual({ done: 1, waiting: 0, dead: 0, problems: [] })
  })

  it('goes on after a call that a dry run refused, so that the plan has the batches behind it too', async () => {
    const run = await given(5)
    const planned: string[] = []
    const report = await work(run, ({ tasks }) => {
      planned.push(...tasks.map(({ key }) => key))
      throw new RefusedByDryRun('confirmShipment')
    })
    expect(planned.sort()).toEqual(['k0', 'k1', 'k2', 'k3', 'k4'])
    expect(report).toEqual({ done: 5, waiting: 0, dead: 0, problems: [] })
  })

  it('keeps its lease by beating while a call is slow', async () => {
    const run = await given(1)
    const other = aRunOn(run.db, { name: 'other', clock: run.clock })
    let stolen = -1
    await work(run, async ({ tasks }, results) => {
      for (let beat = 0; beat < 8; beat += 1) {
        await run.clock.advance(MINUTE / 2)
        while (run.clock.sleeping() === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      stolen = (await work(other, () => undefined)).done
      results.set(tasks[0]!.id, done)
    })
    expect(stolen).toBe(0)
    expect(await taskList(run.db)).toEqual(['confirm k0 done'])
  })
})
