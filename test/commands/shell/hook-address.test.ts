import { describe, expect, it } from 'vitest'
import { assertReachable, hookAddress, requiredHookAddress } from '../../../src/commands/shell/hook-address.ts'
import { OperatorError } from '../../../src/core/errors.ts'
import { aSmallFile, env, load } from '../../core/config/a-config.ts'

const tokens = ['a'.repeat(32), 'b'.repeat(32)]

/** The configuration with these lines at its end. */
const configured = (...lines: readonly string[]) =>
  load(aSmallFile({ rest: lines.join('\n') }), { ...env, HOOKS: tokens.join(', ') })
const hook = "webhooks: { shipstation: { token: '${HOOKS}' } }"
const at = (address: string) => `serve: { public_url: '${address}' }`

describe('where the webhooks of ShipStation belong', () => {
  it('is below the public address, with all tokens in their order', () => {
    expect(hookAddress(configured(at('https://hooks.example.com/isync/'), hook))).toEqual({
      base: 'https://hooks.example.com/isync/webhooks/shipstation',
      tokens,
    })
  })

  it.each<[string, readonly string[], RegExp, RegExp]>([
    ['the public address', [hook], /^serve\.public_url is not set$/, /^put the address .* public_url: https:/],
    [
      'the token',
      [at('https://hooks.example.com')],
      /^webhooks\.shipstation\.token is not set$/,
      /^make a token \(openssl rand -hex 32\).* token: \$\{SS_HOOK_TOKEN\}/,
    ],
    ['both', [], /^serve\.public_url and webhooks\.shipstation\.token are not set$/, /public_url: .*; make a token/],
  ])('is not known without %s, and it is said what to put where', (_, lines, why, next) => {
    const trouble = hookAddress(configured(...lines))
    expect(trouble).toBeInstanceOf(OperatorError)
    expect(trouble).toMatchObject({ exitCode: 2, why: expect.stringMatching(why), next: expect.stringMatching(next) })
    expect(() => requiredHookAddress(configured(...lines))).toThrow(OperatorError)
  })
})

describe('an address that ShipStation is to reach', () => {
  it.each(['https://hooks.example.com', 'https://8.8.8.8', 'https://[2606:4700::1]', 'https://hooks.example.com:8443/isync'])(
    'may be %s',
    (address) => {
      expect(() => assertReachable(configured(at(address)))).not.toThrow()
    },
  )

  it.each([
    'https://localhost',
    'https://127.0.0.1',
    'http://127.0.0.1:4680',
    'https://10.1.2.3',
    'https://100.64.0.1',
    'https://169.254.169.254',
    'https://172.31.0.1',
    'https://192.168.1.2',
    'https://2130706433',
    'https://[::1]',
    'https://[fd00::1]',
    'https://[fe80::1]',
    'https://[::ffff:10.1.2.3]',
    'https://hooks',
    'https://shop.local',
    'https://hooks.internal.',
  ])('cannot be %s', (address) => {
    expect(() => assertReachable(configured(at(address)))).toThrow(/ShipStation cannot reach .*that host is not on the internet/)
  })

  it('may be this machine where a stand-in on it is called, and nothing else that is hidden', () => {
    const sandbox = (address: string, endpoint = 'http://127.0.0.1:4010') => ({
      ...configured(at(address)),
      shipstation: { ...configured().shipstation, endpoint },
    })
    expect(() => assertReachable(sandbox('http://127.0.0.1:4680'))).not.toThrow()
    expect(() => assertReachable(sandbox('http://localhost:4680'))).not.toThrow()
    expect(() => assertReachable(sandbox('https://10.1.2.3'))).toThrow(OperatorError)
    expect(() => assertReachable(sandbox('http://127.0.0.1:4680', 'https://stand-in.example.com'))).toThrow(OperatorError)
  })
})
