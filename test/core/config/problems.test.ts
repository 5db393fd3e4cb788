import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { channelTypes } from '../../../src/connectors/index.ts'
import { inWords } from '../../../src/core/config/fields.ts'
import { ConfigError } from '../../../src/core/config/problems.ts'
import { OperatorError } from '../../../src/core/errors.ts'
import { aFolder, aSmallFile, env, KEY_TEXT, load, problemsOf, refusalOf, wholeFile } from './a-config.ts'

describe('a wrong configuration', () => {
  it('is refused with every problem at once, each with its place, what is allowed and what was got', () => {
    const text = `databse: x
encryption_keys: \${ISYNC_KEYS}
channels:
  amazon-us:
    type: amazn
  Bad Code:
    type: mirakl
    base_url: https://m.example/path
    shipstation_store_id: 0
    credentials: { api_key: \${MACYS_KEY} }
  ebay-main:
    type: ebay
    shipstation_store_id: 3
    ratio: two
    overlap: 10
    credentials: { app_id: \${GONE}, cert_id: literal-canary }
    marketplace: 3
shipstation: { api_key: \${SS_KEY}, api_secret: \${SS_SECRET}, tags: { nobody: 3 } }
retry: { push: 3, push: 4 }
inventory: 5
`
    expect(problemsOf(text)).toEqual([
      "1:1 databse: is not a known key; did you mean 'database'?",
      `5:5 channels.amazon-us.type: must be ${inWords(channelTypes.map(({ type }) => type))}, got 'amazn'`,
      '6:3 channels.Bad Code: a channel code must be 1 to 24 lower case letters, digits and dashes, and none of shipstation, zoho, email, sms, slack',
      "8:5 channels.Bad Code.base_url: must be an origin such as https://host.example or http://127.0.0.1:4601, without a path, got 'https://m.example/path'",
      "9:5 channels.Bad Code.shipstation_store_id: must be a whole number 1..2147483647, got '0'",
      "14:5 channels.ebay-main.ratio: must be 0..10, got 'two'",
      "15:5 channels.ebay-main.overlap: must be a duration 2m..24h, such as 30s, 5m, 2h or 7d, got '10'",
      '16:5 channels.ebay-main.credentials.refresh_token: is missing; must be a reference such as ${NAME}',
      '16:20 channels.ebay-main.credentials.app_id: ${GONE} is not set: set GONE in the environment or in .env beside this file, or GONE_FILE to a file that holds it',
      '16:37 channels.ebay-main.credentials.cert_id: a secret must not stand in this file: put it in the environment, in .env beside this file, or in a file, and write ${NAME} here',
      expect.stringMatching(/^17:5 channels\.ebay-main\.marketplace: is not a known key; known here: type, site, orders_api/),
      '18:70 shipstation.tags.nobody: names a channel that is not in channels',
      '19:19 this key stands twice in its section',
      "20:1 inventory: must be a section of keys, got '5'",
    ])
  })

  it('is an operator error with exit code 2 whose text lists file, line and column', () => {
    const refusal = refusalOf(() => load(aSmallFile({ rest: 'log_level: loud' })))
    expect(refusal).toBeInstanceOf(OperatorError)
    expect(refusal).toBeInstanceOf(ConfigError)
    expect(refusal.exitCode).toBe(2)
    expect(refusal.why).toBe("1 problem\n  isync.config.yaml:10:1: log_level: must be debug, info, warn or error, got 'loud'")
    expect(refusal.next).toContain('isync config:check')
  })

  it.each([
    ['10.5', false],
    ['11', false],
    ['-1', false],
    ['1e0', false],
    ['.5', false],
    ['0x1', false],
    ['NaN', false],
    ['"1,5"', false],
    ['0', true],
    ['2.0', true],
    ['10', true],
    ['"0.98"', true],
    ['0.123456', true],
    ['0.1234567', false],
  ])('with ratio %s is accepted: %s', (ratio, accepted) => {
    const text = aSmallFile({ channel: `    ratio: ${ratio}` })
    if (accepted) expect(load(text).channels.macys?.ratio).toBe(ratio.replaceAll('"', ''))
    else expect(problemsOf(text)).toEqual([expect.stringMatching(/^8:5 channels\.macys\.ratio: must be 0\.\.10, got '/)])
  })

  it.each([
    ['30s', 30_000],
    ['5m', 300_000],
    ['2m', 120_000],
    ['2h', 7_200_000],
    ['24h', 86_400_000],
    ['1d', 86_400_000],
    ['1m', undefined],
    ['2d', undefined],
    ['10', undefined],
    ['5 m', undefined],
    ['5M', undefined],
    ['1.5h', undefined],
    ['-5m', undefined],
  ])('with max_delay or overlap %s is read as %s ms', (text, ms) => {
    const file = aSmallFile({ channel: `    overlap: ${text}` })
    if (ms === undefined || ms < 120_000) expect(problemsOf(file)).toHaveLength(1)
    else expect(load(file).channels.macys?.overlap).toBe(ms)
  })

  it.each([
    ['http://127.0.0.1:4601', 'http://127.0.0.1:4601'],
    ['http://localhost:1', 'http://localhost:1'],
    ['http://sandbox:4601/', 'http://sandbox:4601'],
    ['http://10.1.2.3', 'http://10.1.2.3'],
    ['"http://[::1]:9"', 'http://[::1]:9'],
    ['https://proxy.example:8443', 'https://proxy.example:8443'],
    ['http://proxy.example', undefined],
    ['http://10.example.com', undefined],
    ['https://h/path', undefined],
    ['https://h?x=1', undefined],
    ['ftp://h', undefined],
    ['127.0.0.1:4601', undefined],
    ['https://user:canary@h', undefined],
    ['javascript:1', undefined],
    ['"http://169.254.169.254.evil.example"', undefined],
  ])('with endpoint %s goes to %s', (endpoint, origin) => {
    const file = aSmallFile({ shipstation: `, endpoint: ${endpoint}` })
    if (origin !== undefined) return expect(load(file).shipstation.endpoint).toBe(origin)
    const problems = problemsOf(file)
    expect(problems).toHaveLength(1)
    expect(problems.join()).not.toContain('canary')
  })

  it.each(['shipstation', 'zoho', 'Amazon', 'a_b', '-a', 'a-', 'a:b', 'a'.repeat(25), 'é'])(
    'cannot call a channel %s',
    (code) => {
      const text = aSmallFile().replace('  macys:', `  "${code}":`)
      expect(problemsOf(text)).toEqual([expect.stringContaining('a channel code must be')])
    },
  )

  it('says what Rithum credentials the chosen product needs', () => {
    const rithum = (rest: string) =>
      aSmallFile({ channel: `  r: { type: rithum, shipstation_store_id: 1, credentials: { token: \${T} }${rest} }` })
    const given = { ...env, T: 'token-1' }
    expect(load(rithum(', auth: static'), given).channels.r).toMatchObject({ credentials: { token: 'token-1' } })
    expect(problemsOf(rithum(''), given)).toEqual([
      expect.stringContaining('channels.r.credentials.client_id: is missing; needed for dsco oauth2'),
      expect.stringContaining('channels.r.credentials.client_secret: is missing'),
    ])
    expect(problemsOf(rithum(', product: channeladvisor, auth: static'), given)).toEqual([
      expect.stringContaining('auth: must be oauth2'),
    ])
    expect(problemsOf(rithum(', auth: static, mode: stream, update_type: Available'), given)).toEqual([
      expect.stringContaining("stream_id: is missing; needed for mode 'stream'"),
      expect.stringContaining("update_type: means nothing for product 'dsco'"),
    ])
  })

  describe('an account that carries other marketplaces', () => {
    const given = { ...env, ...Object.fromEntries(['APP', 'SHARED', 'REF'].map((name) => [name, `canary-${name}`])) }
    const carrier = (rest = '') =>
      `  ca: { type: rithum, product: channeladvisor, shipstation_store_id: 1, credentials: { application_id: \${APP}, shared_secret: \${SHARED}, refresh_token: \${REF} }${rest} }\n`
    const amazon = (rest = '') =>
      `  us: { type: amazon, region: na, marketplace_ids: [ATVPDKIKX0DER], seller_id: A1, shipstation_store_id: 2, credentials: { client_id: \${AMZ_ID}, client_secret: \${AMZ_SECRET}, refresh_token: \${AMZ_REFRESH} }${rest} }\n`

    it('does not start beside a channel of the same marketplace, whose orders would come twice', () => {
      const [problem, ...others] = problemsOf(aSmallFile({ channel: carrier() + amazon() }), given)
      expect(problem).toContain('channels.ca.exclude_sites: must name the amazon sites of this account')
      expect(problem).toContain('double_path: watch')
      expect(others).toEqual([])
    })

    it.each(["'640'", 'My Amazon shop', 'Amazonia', 'Walmart'])('does not take exclude_sites: [%s] for it', (entry) => {
      const channels = carrier(`, exclude_sites: [${entry}]`) + amazon()
      expect(problemsOf(aSmallFile({ channel: channels }), given)).toEqual([
        expect.stringContaining('must name the amazon sites of this account, in words and not by their ids'),
      ])
    })

    it.each([
      ['leaves all of that marketplace out', carrier(', exclude_sites: [Amazon]') + amazon()],
      ['leaves that marketplace out', carrier(', exclude_sites: [Amazon Seller Central - US]') + amazon()],
      ['has other shops there', carrier(', double_path: watch') + amazon()],
      ['is alone', carrier()],
      ['stands beside a channel that is switched off', carrier() + amazon(', enabled: false')],
    ])('starts where it %s', (_, channels) => {
      expect(load(aSmallFile({ channel: channels }), given).channels['ca']).toMatchObject({ product: 'channeladvisor' })
    })
  })

  it('without channels, or empty, is refused', () => {
    expect(problemsOf('')).toEqual(
      expect.arrayContaining([expect.stringContaining('channels: is missing; must be a section with one entry per channel')]),
    )
    expect(problemsOf(aSmallFile().replace(/channels:[\s\S]*?(?=^shipstation)/m, 'channels: {}\n'))).toEqual([
      expect.stringContaining('channels: must hold at least one channel'),
    ])
  })
})

describe('the file with the secrets', () => {
  it('is told once where it cannot be read, with what it must be, and not once for every value in it', () => {
    const folder = aFolder()
    mkdirSync(join(folder, '.env'))
    expect(problemsOf(aSmallFile(), {}, folder)).toEqual([
      expect.stringMatching(
        /^1:1 encryption_keys: .*\.env cannot be read, .* the user who runs isync, mode 600 \(ls -ld shows owner and mode\)$/,
      ),
    ])
  })
})

describe('a key for personal data', () => {
  it.each([
    ['k1', 'key 1 of 1 is not <id>:<base64 of 32 bytes>'],
    ['k1:canary', 'key k1 is not 32 bytes in base64'],
    [`k1:${KEY_TEXT},k1:${KEY_TEXT}`, 'key id k1 stands twice'],
    [`k1:${KEY_TEXT},canary`, 'key 2 of 2 is not <id>:<base64 of 32 bytes>'],
  ])('given as %s is refused by its id and never shown', (keys, message) => {
    const problems = problemsOf(aSmallFile(), { ...env, ISYNC_KEYS: keys })
    expect(problems).toEqual([`1:1 encryption_keys: ${message}; openssl rand -base64 32 makes a key`])
    expect(problems.join()).not.toMatch(/canary|BwcHBwcH/)
  })

  it('may be put together from several references', () => {
    const text = aSmallFile().replace('${ISYNC_KEYS}', 'k2:${NEW},k1:${OLD}')
    const [next, old] = [Buffer.alloc(32, 1).toString('base64'), Buffer.alloc(32, 2).toString('base64')]
    const config = load(text, { ...env, NEW: next, OLD: old })
    expect(config.encryption_keys).toBe(`k2:${next},k1:${old}`)
    expect(config.secrets).toEqual(expect.arrayContaining([next, old]))
  })

  it('cannot stand in the file', () => {
    for (const keys of [`k1:${KEY_TEXT}`, `k2:\${ISYNC_KEYS},k1:${KEY_TEXT}`]) {
      const problems = problemsOf(aSmallFile().replace('${ISYNC_KEYS}', keys))
      expect(problems).toEqual([expect.stringMatching(/^1:1 encryption_keys: a secret must not stand in this file/)])
    }
  })
})

describe('a problem text', () => {
  it('shows no secret, wherever it was put by mistake', () => {
    const given = Object.fromEntries(Object.keys(env).map((name) => [name, `canary-${name}`]))
    const misplaced = wholeFile
      .replace('organization_id: "10234695"', 'organization_id: ${ZOHO_SECRET}')
      .replace('ratio: "1.0"', 'ratio: ${AMZ_SECRET}')
      .replace('region: na', 'client_secret: canary-literal')
      .replace('credentials: { api_key: ${MACYS_KEY} }', 'credentials: canary-literal')
      .replace(
        'database: postgres://user:${PGPASSWORD}@host/isync',
        'database: postgres://user:canary-literal@db.example:99999/isync',
      )
    const problems = problemsOf(misplaced, given)
    expect(problems.length).toBeGreaterThan(5)
    expect(problems.join('\n')).not.toContain('canary')
    expect(problems.join('\n')).toContain("ratio: must be 0..10, got '${AMZ_SECRET}'")
  })

  it('quotes no line of a file that is not YAML', () => {
    const broken = [
      'api_key: "canary',
      'a: b: canary',
      '\tcanary: 1',
      'a: [canary',
      '- canary\nb: 1',
      'a: *canary',
      '%canary',
      'a: !canary x',
      'a: 1\n---\ncanary: 2',
    ]
    for (const text of broken) {
      const problems = problemsOf(text)
      expect(problems.length).toBeGreaterThan(0)
      expect(problems.join('\n')).not.toContain('canary')
    }
  })

  it('never quotes a database URL, however its password breaks it', () => {
    for (const url of ['postgres://u:x/canary@h:99999/db', 'mysql://h/canary', 'canary', 'postgres://u:canary@127.0.0.1:x/db']) {
      const problems = problemsOf(aSmallFile({ rest: `database: ${url}` }))
      expect(problems).toEqual([expect.stringMatching(/^10:1 database: must be sqlite:.*, got a value that is not shown here$/)])
      expect(problems.join()).not.toContain('canary')
    }
  })

  it('is one printable line, whatever the file holds', () => {
    const [problem] = problemsOf(aSmallFile({ rest: 'log_level: "a\\u001b[31m\\u202e\\nb"' }))
    expect(problem).toBe("10:1 log_level: must be debug, info, warn or error, got 'a [31m b'")
  })
})
