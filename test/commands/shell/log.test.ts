import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createLog, type LogOptions } from '../../../src/commands/shell/log.ts'
import { createScrubber } from '../../../src/core/privacy/scrub.ts'

function aLog(options: Partial<LogOptions> = {}) {
  const written: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk))
      done()
    },
  })
  const scrub = createScrubber(['canary-secret'])
  const log = createLog({ level: 'info', stream, tty: false, scrub, base: { run_id: 'run-1' }, color: false, ...options })
  return { log, written, lines: () => written.map((line): unknown => JSON.parse(line)) }
}

describe('a log line', () => {
  it('is one JSON document with level, time, base fields, fields and message', () => {
    const { log, written, lines } = aLog()
    log.info({ channel: 'amazon-us', order_id: '111', count: 3 }, 'page stored')
    expect(written[0]).toMatch(/^[^\n]+\n$/)
    expect(lines()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        run_id: 'run-1',
        channel: 'amazon-us',
        order_id: '111',
        count: 3,
        msg: 'page stored',
      },
    ])
  })

  it('below the level is not written', () => {
    const { log, lines } = aLog({ level: 'warn' })
    log.debug({}, 'a')
    log.info({}, 'b')
    log.warn({}, 'c')
    log.error({}, 'd')
    expect(lines()).toMatchObject([{ level: 'warn' }, { level: 'error' }])
  })

  it('holds no secret, in a field, an error, a URL or the message', () => {
    const { log, written } = aLog()
    const cause = new TypeError('fetch https://v.example/?key=canary-secret failed')
    log.error(
      { error: cause, nested: { deep: ['canary-secret'] }, header: 'Bearer canary-unknown-token' },
      'failed: canary-secret',
    )
    expect(written.join('')).not.toContain('canary')
    expect(JSON.parse(written[0] ?? '')).toMatchObject({
      error: { class: 'TypeError', message: 'fetch https://v.example/?key=[secret] failed' },
    })
  })

  it('stays one line and holds no terminal control, whatever a vendor sent', () => {
    const nasty = 'a\nb\u001b[2J\u009b31m\u202e\u2028"}'
    for (const tty of [false, true]) {
      const { log, written } = aLog({ tty })
      log.info({ sku: nasty }, 'stored')
      expect(written[0]?.trimEnd()).not.toMatch(/[\p{Cc}\u2028\u202e]/u)
    }
  })

  it('for a person is readable, without the run id', () => {
    const { log, written } = aLog({ tty: true })
    log.warn({ channel: 'amazon-us' }, 'slow answer')
    expect(written[0]).toMatch(/^\[\d\d:\d\d:\d\d\] WARN: slow answer \{"channel":"amazon-us"\}\n$/)
  })

  it('may hold what cannot be turned into JSON', () => {
    const { log, written } = aLog()
    const loop: Record<string, unknown> = { big: 10n }
    loop.self = loop
    log.info({ loop }, 'odd')
    expect(written).toHaveLength(1)
  })
})

describe('a log that cannot be written', () => {
  it('neither throws nor ends the run when its stream throws or fails', () => {
    const throwing = new Writable()
    throwing.write = () => {
      throw new Error('EPIPE')
    }
    expect(() => aLog({ stream: throwing }).log.error({}, 'x')).not.toThrow()
    const failing = new Writable({ write: (_chunk, _encoding, done) => done(new Error('ENOSPC')) })
    const { log } = aLog({ stream: failing })
    for (let turn = 0; turn < 3; turn++) expect(() => log.error({}, 'x')).not.toThrow()
  })

  it.each([
    ['a full disk', () => openSync('/dev/full', 'w')],
    ['a closed pipe', () => 'pipe' as const],
  ])('on %s leaves the exit code of the run alone', async (_name, target) => {
    const source = `
      import { createLog } from ${JSON.stringify(new URL('../../../src/commands/shell/log.ts', import.meta.url).href)}
      const log = createLog({ level: 'info', stream: process.stderr, tty: false, scrub: (text) => text, base: {} })
      for (let turn = 0; turn < 50; turn++) { log.info({ turn }, 'x'.repeat(5000)); await new Promise((resolve) => setTimeout(resolve, 2)) }
      process.exitCode = 3`
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'ignore', target()] })
    child.stderr?.destroy()
    const code = await new Promise((resolve) => child.on('exit', resolve))
    expect(code).toBe(3)
  })
})
