import { describe, expect, it } from 'vitest'
import { aSmallFile, env, load, problemsOf } from './a-config.ts'

const TOKEN = 'some-token-some-token-some-token-some-1'

describe('what the senders of webhooks prove themselves by', () => {
  it('is never in the file itself', () => {
    const rest = `webhooks: { shipstation: { token: ${TOKEN} }, orders: { macys: ${TOKEN} } }`
    expect(problemsOf(aSmallFile({ rest }))).toEqual([
      expect.stringMatching(/webhooks\.shipstation\.token: a secret must not stand in this file/),
      expect.stringMatching(/webhooks\.orders\.macys: a secret must not stand in this file/),
    ])
  })

  it('is refused when it could be guessed', () => {
    const text = aSmallFile({ rest: 'webhooks: { shipstation: { token: "${HOOK}" } }' })
    expect(problemsOf(text, { ...env, HOOK: 'short' })).toEqual([
      '10:28 webhooks.shipstation.token: must be a reference such as ${NAME} to 32 to 128 letters, digits, - and _; several are separated by commas, got a value that is not shown here',
    ])
  })

  it('leads nowhere where nobody could work on it, and the file says so', () => {
    const rest = `webhooks:
  zoho: { secret: \${MACYS_KEY} }
  ebay: { verification_token: \${MACYS_KEY} }
  amazon: { key: \${MACYS_KEY} }
  orders: { nobody: \${MACYS_KEY} }`
    const problems = problemsOf(aSmallFile({ rest }))
    for (const text of [
      'webhooks.zoho: needs the section zoho',
      'webhooks.ebay: needs a channel of the type ebay',
      'webhooks.amazon: needs a channel of the type amazon',
      'webhooks.orders.nobody: names a channel that is not in channels',
      "serve.public_url: is needed with webhooks.ebay: eBay's handshake is made over the whole address",
    ])
      expect(problems.join('\n')).toContain(text)
  })
})

describe('where isync serve is reached', () => {
  it.each([
    ['https://hooks.example.com', 'https://hooks.example.com'],
    ['https://hooks.example.com/isync/', 'https://hooks.example.com/isync'],
    ['http://127.0.0.1:4680', 'http://127.0.0.1:4680'],
    ['http://hooks.example.com', undefined],
    ['https://user:x@hooks.example.com', undefined],
    ['https://hooks.example.com/?a=b', undefined],
    ['hooks.example.com', undefined],
  ])('%s is taken as %s', (given, taken) => {
    const text = aSmallFile({ rest: `serve: { public_url: "${given}" }` })
    if (taken === undefined)
      expect(problemsOf(text)).toEqual([expect.stringMatching(/^10:10 serve\.public_url: must be an address/)])
    else expect(load(text).serve.public_url).toBe(taken)
  })

  it.each(['10.0.0.0/8', '127.0.0.1', 'fd00::/8'])('a proxy may be %s', (proxy) => {
    expect(load(aSmallFile({ rest: `serve: { trusted_proxies: ["${proxy}"] }` })).serve.trusted_proxies).toEqual([proxy])
  })

  it.each(['10.0.0.0/33', 'proxy.example.com', '10.0.0', '::/129', '10.0.0.0/8/8'])('a proxy is never %s', (proxy) => {
    expect(problemsOf(aSmallFile({ rest: `serve: { trusted_proxies: ["${proxy}"] }` }))).toHaveLength(1)
  })

  it('has a reading token that a file cannot hold', () => {
    expect(problemsOf(aSmallFile({ rest: 'serve: { metrics_token: abc }' }))).toEqual([
      expect.stringMatching(/serve\.metrics_token: a secret must not stand in this file/),
    ])
    expect(load(aSmallFile({ rest: 'serve: { metrics_token: "${MACYS_KEY}" }' })).secrets).toContain(env.MACYS_KEY)
  })
})
