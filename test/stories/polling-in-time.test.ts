import { afterEach, describe, expect, it } from 'vitest'
import { crontabLines } from '../../src/commands/shell/crontab.ts'
import { isDue } from '../../src/commands/shell/schedule.ts'
import { toldOn } from '../world/databases.ts'
import { startWorld, type World } from '../world/loop.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
/** A label every so often, over more than a whole round of the schedule. */
const BETWEEN_LABELS = 40 * SECOND
const LABELS = 9

describe.each(toldOn('sqlite'))('without any webhook on $name', (database) => {
  let world: World

  afterEach(() => world.close())

  it('is every tracking number with its marketplace less than five minutes after the label, by the lines of the crontab', async () => {
    const line = crontabLines({ configFile: '/etc/isync/isync.config.yaml' }).find((one) => one.includes(' tracking:sync ')) ?? ''
    const at = line.split(' ').slice(0, 5).join(' ')
    world = await startWorld(database)
    const { sandbox, clock } = world
    const numbers = Array.from({ length: LABELS }, (_, i) => ({
      amazon: `111-0000000-${String(i).padStart(7, '0')}`,
      mirakl: `P${String(i).padStart(5, '0')}-A`,
    }))
    sandbox.act(
      'amazon',
      'add-orders',
      numbers.map(({ amazon }) => ({ order_id: amazon })),
    )
    sandbox.act(
      'mirakl',
      'add-orders',
      numbers.map(({ mirakl }) => ({ order_id: mirakl, state: 'SHIPPING' })),
    )
    clock.advance(5 * MINUTE)
    for (const command of ['orders:pull', 'orders:push-shipstation', 'tracking:sync'])
      expect((await world.isync([command])).code, command).toBe(0)

    // From a full ten minutes on, in steps of ten seconds: labels as they are made, and cron's starts as they fall due.
    clock.advance(10 * MINUTE - (clock.now() % (10 * MINUTE)))
    const begin = clock.now()
    const labelled = new Map<string, number>()
    let seen = begin
    while (labelled.size < 2 * LABELS || clock.now() < begin + (LABELS * BETWEEN_LABELS + 5 * MINUTE)) {
      const due = Math.floor((clock.now() - begin) / BETWEEN_LABELS)
      for (const pair of numbers.slice(labelled.size / 2, due)) {
        for (const number of [pair.amazon, pair.mirakl]) {
          sandbox.act('shipstation', 'ship', {
            order_number: number,
            packages: [{ tracking: `1Z${number}`, carrier_code: 'ups' }],
          })
          labelled.set(number, clock.now())
        }
      }
      const now = clock.now()
      if (isDue(at, seen, now)) expect((await world.isync(['tracking:sync'])).code).toBe(0)
      seen = now
      const step = 10 * SECOND - ((clock.now() - begin) % (10 * SECOND))
      clock.advance(step)
    }

    const took = [...labelled].map(([number, since]) => acceptedAt(number) - since)
    expect(took).toHaveLength(2 * LABELS)
    // A minute of the five is left for runs that have much to tell. It is the gap that takes the time here: three minutes at most.
    expect(Math.max(...took)).toBeLessThan(4 * MINUTE)
    expect(Math.max(...took)).toBeGreaterThan(2 * MINUTE)
  })

  /** By the stand-ins' clock; NaN: never, or more than once. */
  function acceptedAt(number: string): number {
    const calls = world.sandbox.journal().filter(({ method, path, status, requestBody }) => {
      if (method === 'GET' || status >= 300) return false
      return path.includes('shipmentConfirmation')
        ? path.includes(number)
        : /^\/api\/shipments$/.test(path) && requestBody.includes(number)
    })
    return calls.length === 1 ? (calls[0]?.at ?? Number.NaN) : Number.NaN
  }
})
