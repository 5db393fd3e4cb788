import { expect, it } from 'vitest'
import type { LogFields } from '../../src/core/ports/system.ts'
import { seldom } from '../../src/serve/seldom.ts'
import { aClock, HOUR, SECOND } from '../world/a-clock.ts'

it('what strangers cause is one line a minute that says how many it stands for, and no less when the clock is set back', async () => {
  const clock = aClock()
  const lines: string[] = []
  const note = (fields: LogFields, message: string) => void lines.push(`${message} x${fields['times']}`)
  const log = seldom({ debug: note, info: note, warn: note, error: note }, clock)
  for (let n = 0; n < 100; n += 1) log.error({ step: 'serve' }, 'a request failed')
  log.warn({ step: 'webhooks' }, 'a request could not be judged')
  expect(lines).toEqual(['a request failed x1', 'a request could not be judged x1'])
  await clock.advance(60 * SECOND)
  log.error({ step: 'serve' }, 'a request failed')
  expect(lines.at(-1)).toBe('a request failed x100')
  await clock.advance(-HOUR)
  log.error({ step: 'serve' }, 'a request failed')
  expect(lines).toHaveLength(4)
})
