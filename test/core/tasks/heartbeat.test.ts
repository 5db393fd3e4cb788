import { describe, expect, it } from 'vitest'
import { listLeases } from '../../../src/core/db/leases.ts'
import { StoppedError } from '../../../src/core/errors.ts'
import { exclusively } from '../../../src/core/tasks/exclusive.ts'
import { whileAlive } from '../../../src/core/tasks/heartbeat.ts'
import { aClock, MINUTE } from '../../world/a-clock.ts'
import { aRun, aRunOn } from '../../world/a-run.ts'
import { databases } from '../../world/databases.ts'

/** Work that lasts until it is told to end, or to stop. */
function longWork() {
  let end: (result: string) => void = () => undefined
  const told: { signal?: AbortSignal } = {}
  const work = (signal: AbortSignal): Promise<string> => {
    told.signal = signal
    return new Promise((resolve, reject) => {
      end = resolve
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  }
  return { work, told, finish: (result: string) => end(result) }
}

describe('a heartbeat', () => {
  it('beats while the work lasts, and not after', async () => {
    const clock = aClock()
    const { work, finish } = longWork()
    let beats = 0
    const renew = async () => {
      beats += 1
      return true
    }
    const working = whileAlive({ clock, everyMs: MINUTE, signal: new AbortController().signal, renew }, work)
    for (let minute = 0; minute < 3; minute += 1) await clock.advance(MINUTE)

    finish('done')

    expect(await working).toBe('done')
    expect(beats).toBe(3)
    await clock.advance(10 * MINUTE)
    expect(beats).toBe(3)
    expect(clock.sleeping()).toBe(0)
  })

  it.each([
    ['answers that the lease was lost', async () => false],
    ['cannot ask the database', async () => Promise.reject(new Error('connection refused'))],
  ])('stops the work when it %s', async (_, renew) => {
    const clock = aClock()
    const { work } = longWork()
    const working = whileAlive({ clock, everyMs: MINUTE, signal: new AbortController().signal, renew }, work)
    const failed = expect(working).rejects.toThrow(StoppedError)

    await clock.advance(MINUTE)

    await failed
    expect(clock.sleeping()).toBe(0)
  })

  it('passes on that the run was told to stop', async () => {
    const stopping = new AbortController()
    const { work } = longWork()
    const working = whileAlive({ clock: aClock(), everyMs: MINUTE, signal: stopping.signal, renew: async () => true }, work)
    const failed = expect(working).rejects.toThrow('SIGTERM')

    stopping.abort(new StoppedError('SIGTERM'))

    await failed
  })

  it('lets the failure of the work through', async () => {
    const clock = aClock()
    const working = whileAlive(
      { clock, everyMs: MINUTE, signal: new AbortController().signal, renew: async () => true },
      async () => Promise.reject(new Error('a bug')),
    )
    await expect(working).rejects.toThrow('a bug')
    expect(clock.sleeping()).toBe(0)
  })
})

describe.each(databases)('exclusive work on $name', (database) => {
  it('runs once at a time and names the holder to the others', async () => {
    const first = await aRun(database, { name: 'first' })
    const second = aRunOn(first.db, { name: 'second', clock: first.clock })
    const { work, finish } = longWork()
    const working = exclusively(first, 'orders:pull amazon-us', work)
    await settled(async () => (await listLeases(first.db, first.clock.now())).length === 1)

    const refused = await exclusively(second, 'orders:pull amazon-us', async () => 'must not run')
    const elsewhere = await exclusively(second, 'orders:pull mirakl-macys', async () => 'another channel')

    expect(refused).toMatchObject({ ran: false, holder: { host: 'host-a', owner: 'first-000001' } })
    expect(elsewhere).toEqual({ ran: true, result: 'another channel' })
    finish('done')
    expect(await working).toEqual({ ran: true, result: 'done' })
    expect(await exclusively(second, 'orders:pull amazon-us', async () => 'now')).toEqual({ ran: true, result: 'now' })
  })

  it('gives its lease back when it fails', async () => {
    const run = await aRun(database)
    await expect(exclusively(run, 'x', async () => Promise.reject(new Error('a bug')))).rejects.toThrow('a bug')
    expect(await listLeases(run.db, run.clock.now())).toEqual([])
  })

  it('outlives its first lease by beating, and is taken over when it was away too long', async () => {
    const first = await aRun(database, { name: 'first' })
    const second = aRunOn(first.db, { name: 'second', clock: first.clock })
    const { work, told } = longWork()
    const working = exclusively(first, 'x', work)
    const failed = expect(working).rejects.toThrow('the lease was lost')
    await settled(async () => first.clock.sleeping() === 1)
    for (let beat = 0; beat < 8; beat += 1) {
      await first.clock.advance(MINUTE / 2)
      await settled(async () => first.clock.sleeping() === 1)
    }
    expect(await exclusively(second, 'x', async () => 'too early')).toMatchObject({ ran: false })

    // As a laptop does that slept: the next beat comes after the lease has run out and another run has taken it.
    await first.db.run('update leases set lease_until = ?', [first.clock.now() - 1])
    const { work: other, finish } = longWork()
    const taken = exclusively(second, 'x', other)
    await settled(async () => second.clock.sleeping() === 2)
    await first.clock.advance(MINUTE / 2)

    await failed
    expect(told.signal?.aborted).toBe(true)
    finish('done')
    expect(await taken).toEqual({ ran: true, result: 'done' })
  })
})

/** Waits for what other promises of this process bring about. */
async function settled(arrived: () => Promise<boolean>): Promise<void> {
  while (!(await arrived())) await new Promise((resolve) => setImmediate(resolve))
}
