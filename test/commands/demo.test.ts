import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { freshFolder, isync } from './program.ts'

const MINUTE = 60_000
const five = ['amazon-us', 'mirakl-macys', 'ebay-us', 'rithum-acme', 'rithum-ca']
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
  readonly stock: {
    readonly channels: readonly {
      readonly channel: string
      readonly listed: number
      readonly published: number
      readonly settled: number
      readonly wrong: number
      readonly oversold: number
    }[]
    readonly guards: {
      readonly raise: {
        readonly left: number
        readonly channels: readonly {
          readonly shown: number
          readonly without_guard: number
          readonly told_before_pull: number | null
          readonly told_after_pull: number | null
        }[]
        readonly turned_away: { readonly wanted: number; readonly found: number }
      }
      readonly brake: {
        readonly held: readonly { readonly answer: string; readonly exit_code: number; readonly told: number }[]
        readonly zeroed_without_brake: number
        readonly next_exit_code: number
      }
    }
    readonly ok: boolean
  }
  readonly faults: Readonly<Record<string, number>>
  readonly checks: readonly { readonly check: string; readonly ok: boolean }[]
  readonly seconds: number
  readonly ok: boolean
}

let told: Document

describe('the demo', () => {
  it('brings every order to ShipStation and back once, through outages and a kill -9', {
    timeout: 3 * MINUTE,
  }, async () => {
    // A variable of the reader's own must not reach the demo: it would win over its .env.
    const others = { SHIPSTATION_API_KEY: 'of another account' }
    const { code, stdout } = await isync(folder, ['demo', '--json', '--dir', 'json'], others)
    told = JSON.parse(stdout) as Document
    const { schema_version, channels, faults, checks, seconds, ok } = told

    expect(checks.filter((check) => !check.ok)).toEqual([])
    expect({ code, ok, schema_version }).toEqual({ code: 0, ok: true, schema_version: 1 })
    expect(faults).toEqual({ killed: 1, connections_cut: 4, answered_503: 2 })
    expect(channels.map(({ channel }) => channel)).toEqual(five)
    for (const { shippable, in_shipstation, confirmed, lost, duplicated } of channels) {
      expect(shippable).toBeGreaterThan(25)
      expect({ in_shipstation, confirmed, lost, duplicated }).toEqual({
        in_shipstation: shippable,
        confirmed: shippable,
        lost: 0,
        duplicated: 0,
      })
    }
    expect(channels.reduce((sum, { seeded }) => sum + seeded, 0)).toBeGreaterThanOrEqual(330)
    // Half a minute on two idle cores; other tests run beside it here.
    expect(seconds).toBeLessThan(120)
  })

  it('tells every channel the right number for every article, and oversells none', () => {
    expect(told.stock.channels.map(({ channel }) => channel)).toEqual(five)
    for (const { listed, published, settled, wrong, oversold } of told.stock.channels) {
      expect(listed).toBeGreaterThan(40)
      expect({ published, settled, wrong, oversold }).toEqual({ published: listed, settled: listed, wrong: 0, oversold: 0 })
    }
    expect(told.stock.ok).toBe(true)
  })

  it('shows a raise that would have sold what was not there, held until the orders were pulled', () => {
    const { left, channels, turned_away } = told.stock.guards.raise
    expect(channels).toHaveLength(5)
    for (const { shown, without_guard, told_before_pull, told_after_pull } of channels) {
      expect(without_guard).toBeGreaterThan(left)
      expect(told_before_pull).toBeNull()
      expect(told_after_pull).toBeGreaterThan(shown)
      expect(told_after_pull).toBe(left - 1)
    }
    expect(turned_away.wanted).toBeGreaterThan(turned_away.found)
    expect(turned_away.wanted).toBeLessThanOrEqual(channels[0]!.without_guard)
  })

  it('shows broken answers of Zoho held by a brake, and the next good one passing', () => {
    const { held, zeroed_without_brake, next_exit_code } = told.stock.guards.brake
    expect(held).toEqual([
      { answer: 'half', exit_code: 5, told: 0 },
      { answer: 'zeros', exit_code: 5, told: 0 },
    ])
    expect(zeroed_without_brake).toBeGreaterThan(200)
    expect(next_exit_code).toBe(0)
  })

  it('leaves a folder in which isync status works without the stand-ins', async () => {
    const left = readdirSync(join(folder, 'json'))
    expect(left).toEqual(expect.arrayContaining(['.env', 'isync.config.yaml', 'isync.db', 'isync.log']))
    expect(left).not.toContain('clock.json')
    expect(readFileSync(join(folder, 'json', 'isync.log'), 'utf8')).not.toMatch(/Müller|山田|sandbox-secret/)

    const { code, stdout } = await isync(join(folder, 'json'), ['status', '--json'])

    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ tasks: { waiting: 0, running: 0, dead: 0 } })
    const rules = (JSON.parse(stdout) as { alerts: { rule: string }[] }).alerts.map(({ rule }) => rule)
    expect(rules.filter((rule) => /stock|publish/.test(rule))).toEqual([])
  })

  // The same a second time, in words: in the long suite.
  if (inject('thorough'))
    it('shows an operator the commands, the faults and the reckoning', { timeout: 3 * MINUTE }, async () => {
      const { code, stdout } = await isync(folder, ['demo'], { NO_COLOR: '1' })
      const [made] = readdirSync(folder).filter((name) => name.startsWith('isync-demo-'))

      expect(code).toBe(0)
      expect(stdout).toContain('$ isync orders:pull')
      expect(stdout).toContain('$ isync orders:push-shipstation')
      expect(stdout).toContain('$ isync tracking:sync')
      expect(stdout).toMatch(/OUTAGE: ShipStation stores .*\n(.*\n)*.*\(exit code 4\)/)
      expect(stdout).toMatch(/KILLED \(kill -9\).*\n(.*\n)*.*\(process \d+ ended by SIGKILL\)/)
      expect(stdout).toMatch(/The 200 that it had were looked up and found, and nothing was sent again;/)
      expect(stdout).toMatch(/^channel +orders at the channel +to be shipped +in ShipStation +confirmed +lost +doubled$/m)
      expect(stdout).toMatch(/^amazon-us +129 +113 +113 +113 +0 +0$/m)
      expect(stdout).toMatch(/^mirakl-macys +89 +77 +77 +77 +0 +0$/m)
      expect(stdout).toMatch(/^ebay-us +46 +36 +36 +36 +0 +0$/m)
      expect(stdout).toMatch(/^rithum-acme +48 +38 +38 +38 +0 +0$/m)
      expect(stdout).toMatch(/^rithum-ca +38 +27 +27 +27 +0 +0$/m)
      expect(stdout).toMatch(/^channel +articles on sale +told +settled +wrong number +units oversold$/m)
      expect(stdout).toContain('$ isync inventory:full')
      expect(stdout).toMatch(/HELD BY A BRAKE: .*\n(.*\n){2} *\(exit code 5\)/)
      expect(stdout).toMatch(/amazon-us showed 14, would have been told 38, was told 18/)
      expect(stdout).toMatch(/All orders arrived, each once, and every number on sale is right, in [\d.]+ s\./)
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
