import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { freshFolder, isync } from './program.ts'

const MINUTE = 60_000
const folder = freshFolder('demo')
afterAll(() => rmSync(folder, { recursive: true }))

interface Document {
  readonly schema_version: number
  readonly channels: readonly {
    readonly channel: string
    readonly seeded: number
    readonly shippable: number
    readonly in_shipstation: number
    readonly confirmed: number
    readonly lost: number
    readonly duplicated: number
  }[]
  readonly faults: Readonly<Record<string, number>>
  readonly checks: readonly { readonly check: string; readonly ok: boolean }[]
  readonly seconds: number
  readonly ok: boolean
}

describe('the demo', () => {
  it('brings every order to ShipStation and back once, through outages and a kill -9, in less than a minute', {
    timeout: 2 * MINUTE,
  }, async () => {
    const { code, stdout } = await isync(folder, ['demo', '--json', '--dir', 'json'])
    const { schema_version, channels, faults, checks, seconds, ok } = JSON.parse(stdout) as Document

    expect(checks.filter((check) => !check.ok)).toEqual([])
    expect({ code, ok, schema_version }).toEqual({ code: 0, ok: true, schema_version: 1 })
    expect(faults).toEqual({ killed: 1, connections_cut: 2, answered_503: 1 })
    expect(channels.map(({ channel }) => channel)).toEqual(['amazon-us', 'mirakl-shop'])
    for (const { shippable, in_shipstation, confirmed, lost, duplicated } of channels) {
      expect(shippable).toBeGreaterThan(70)
      expect({ in_shipstation, confirmed, lost, duplicated }).toEqual({
        in_shipstation: shippable,
        confirmed: shippable,
        lost: 0,
        duplicated: 0,
      })
    }
    expect(channels.reduce((sum, { seeded }) => sum + seeded, 0)).toBeGreaterThanOrEqual(190)
    expect(seconds).toBeLessThan(60)
  })

  it('leaves a folder in which isync status works without the stand-ins', async () => {
    const left = readdirSync(join(folder, 'json'))
    expect(left).toEqual(expect.arrayContaining(['.env', 'isync.config.yaml', 'isync.db', 'isync.log']))
    expect(left).not.toContain('clock.json')

    const { code, stdout } = await isync(join(folder, 'json'), ['status', '--json'])

    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ tasks: { waiting: 0, running: 0, dead: 0 } })
  })

  it('shows an operator the commands, the faults and the reckoning', { timeout: 2 * MINUTE }, async () => {
    // A variable of the reader's own must not reach the demo: it would win over its .env.
    const { code, stdout } = await isync(folder, ['demo'], { NO_COLOR: '1', SHIPSTATION_API_KEY: 'of another account' })
    const [made] = readdirSync(folder).filter((name) => name.startsWith('isync-demo-'))

    expect(code).toBe(0)
    expect(stdout).toContain('$ isync orders:pull')
    expect(stdout).toContain('$ isync orders:push-shipstation')
    expect(stdout).toContain('$ isync tracking:sync')
    expect(stdout).toMatch(/OUTAGE: ShipStation stores .*\n(.*\n)*.*\(exit code 4\)/)
    expect(stdout).toMatch(/KILLED \(kill -9\).*\n(.*\n)*.*\(process \d+ ended by SIGKILL\)/)
    expect(stdout).toContain('nothing was sent again')
    expect(stdout).toMatch(/^channel +orders at the channel +to be shipped +in ShipStation +confirmed +lost +doubled$/m)
    expect(stdout).toMatch(/^amazon-us +126 +110 +110 +110 +0 +0$/m)
    expect(stdout).toMatch(/^mirakl-shop +87 +75 +75 +75 +0 +0$/m)
    expect(stdout).toMatch(/All orders arrived, each once, in [\d.]+ s\./)
    expect(stdout).toContain(`cd ${made}`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours would begin with one
    expect(stdout).not.toMatch(/\u001b/)
    expect(readFileSync(join(folder, made!, 'isync.log'), 'utf8')).not.toMatch(/Müller|山田|sandbox-secret/)
  })

  it('touches nothing in a folder that is there already', async () => {
    const { code, stdout } = await isync(folder, ['demo', '--json', '--dir', '.'])

    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ error: { what: 'the demo overwrites nothing', exit_code: 2 } })
    expect(existsSync(join(folder, 'isync.db'))).toBe(false)
  })
})
