import { describe, expect, it } from 'vitest'
import { beginMonitor } from '../../../src/commands/shell/monitor.ts'
import { endOf, endText, failureOf, uuidOf } from '../../../src/commands/shell/run-end.ts'
import { OperatorError } from '../../../src/core/errors.ts'

const nothing = () => undefined
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
const url = 'https://monitor.example/key/{command}'

async function exitCodeTold(partly: 'success' | 'failure', verdict: 'done' | 'partly' | 'held'): Promise<number> {
  const codes: number[] = []
  const createHeartbeat = () => ({ begun: () => undefined, ended: async (code: number) => void codes.push(code) })
  const run = { id: 'r1', command: 'orders:pull', log }
  const monitor = await beginMonitor({ heartbeats: { url, commands: {}, partly } }, run, {
    heartbeats: async () => ({ createHeartbeat }),
  })
  await monitor?.ended(endOf(verdict, { document: {} }))
  return codes[0] ?? -1
}

describe('a run that did its work in part', () => {
  it('is told as a success unless the configuration says otherwise; others by their own code', async () => {
    expect(await exitCodeTold('success', 'partly')).toBe(0)
    expect(await exitCodeTold('failure', 'partly')).toBe(3)
    expect(await exitCodeTold('success', 'held')).toBe(5)
    expect(await exitCodeTold('failure', 'done')).toBe(0)
  })
})

it('without an address nothing is loaded', async () => {
  const run = { id: 'r1', command: 'retry', log }
  const never = async () => {
    throw new Error('loaded')
  }
  expect(await beginMonitor({ heartbeats: { commands: { purge: url }, partly: 'success' } }, run, { heartbeats: never })).toBe(
    undefined,
  )
})

describe('the end of a run', () => {
  it('has the problems of its document, wherever they stand', () => {
    const problem = { channel: 'amazon-us', what: 'pull', why: 'no', next: 'isync doctor' }
    const document = { channels: [{ channel: 'amazon-us', errors: [problem, 'no problem'] }], stock: { errors: [problem] } }
    expect(endOf('partly', { document, counts: { pages: 1 } })).toEqual({
      verdict: 'partly',
      exitCode: 3,
      counts: { pages: 1 },
      problems: [problem, problem],
    })
  })

  it('keeps our own words of a failure, and of a foreign error only its name', () => {
    const ours = new OperatorError({ what: 'no', where: 'here', why: 'because', next: 'isync init' })
    expect(failureOf(ours, 'retry')).toMatchObject({ exitCode: 2, problems: [{ what: 'no (here)', why: 'because' }] })
    const foreign = new TypeError('Anna Example, 1 Long Road')
    expect(failureOf(foreign, 'retry')).toMatchObject({ exitCode: 1, problems: [{ why: 'TypeError' }] })
    expect(JSON.stringify(failureOf(foreign, 'retry'))).not.toContain('Anna')
    expect(failureOf('Anna Example', 'retry').exitCode).toBe(1)
    expect(JSON.stringify(failureOf('Anna Example', 'retry'))).not.toContain('Anna')
  })

  it('is told in counts and numbers', () => {
    const problem = { channel: 'amazon-us', what: 'push 111-222', why: 'no', next: 'isync doctor' }
    const text = endText('r1', { verdict: 'partly', exitCode: 3, counts: { tasks: 2 }, problems: [problem] })
    expect(text).toBe('run: r1\nverdict: partly (exit code 3)\ncounts: {"tasks":2}\nproblems: 1; isync runs show r1')
  })
})

it('a run always has the same UUID, and another run another', () => {
  const ids = Array.from({ length: 200 }, (_, i) => `run-${i}`)
  for (const id of ids) expect(uuidOf(id)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(new Set(ids.map(uuidOf)).size).toBe(ids.length)
  expect(uuidOf('run-1')).toBe(uuidOf('run-1'))
})
