import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { channelTypes } from '../../../src/connectors/index.ts'
import { findConfig } from '../../../src/core/config/find.ts'
import { loadConfig } from '../../../src/core/config/load.ts'
import { printableConfig } from '../../../src/core/config/show.ts'
import { OperatorError } from '../../../src/core/errors.ts'
import { aFile, aFolder, aSmallFile, env, KEY_TEXT, load, wholeFile } from './a-config.ts'

describe('the configuration file', () => {
  it('is the flag, else $ISYNC_CONFIG, else a usual name in the working directory', () => {
    const folder = aFolder()
    const [yaml, yml, json] = ['isync.config.yaml', 'isync.config.yml', 'isync.config.json'].map((name) => join(folder, name))
    const other = aFile(folder, 'other.yaml', '')
    aFile(folder, 'isync.config.json', '')
    expect(findConfig({ cwd: folder, env: {} })).toBe(json)
    aFile(folder, 'isync.config.yml', '')
    expect(findConfig({ cwd: folder, env: {} })).toBe(yml)
    aFile(folder, 'isync.config.yaml', '')
    expect(findConfig({ cwd: folder, env: { ISYNC_CONFIG: '' } })).toBe(yaml)
    expect(findConfig({ cwd: folder, env: { ISYNC_CONFIG: 'other.yaml' } })).toBe(other)
    expect(findConfig({ cwd: folder, env: { ISYNC_CONFIG: 'other.yaml' }, flag: 'isync.config.yml' })).toBe(yml)
  })

  it('that is not there ends with exit code 2 and the command to run', () => {
    const cwd = aFolder()
    mkdirSync(join(cwd, 'isync.config.yaml'))
    for (const place of [{}, { flag: 'gone.yaml' }, { flag: 'bad\0name' }, { flag: '.' }]) {
      expect(() => findConfig({ cwd, env: {}, ...place })).toThrow(OperatorError)
      expect(() => findConfig({ cwd, env: {}, ...place })).toThrow(
        expect.objectContaining({ exitCode: 2, next: expect.stringContaining('isync init') }),
      )
    }
  })

  it('reads the example of the specification as it is printed there, braces and all', () => {
    const config = load(wholeFile)
    expect(config.channels['amazon-us']).toMatchObject({
      type: 'amazon',
      marketplace_ids: ['ATVPDKIKX0DER'],
      ratio: '1.0',
      orders_api: '2026-01-01',
    })
    expect(config.channels['mirakl-macys']).toMatchObject({ type: 'mirakl', shop_id: 2001, auto_accept: false, ratio: '2.0' })
    expect(config.channels['rithum-acme']).toMatchObject({ product: 'dsco', credentials: { client_id: 'canary-DSCO_ID' } })
    expect(config.shipstation).toMatchObject({
      api_key: 'canary-SS_KEY',
      endpoint: 'http://127.0.0.1:4601',
      rate_limit_per_minute: 40,
    })
    expect(config.zoho).toMatchObject({ organization_id: '10234695', available_field: 'available_stock' })
    expect(config.inventory.rebalance_interval).toBe(240 * 60_000)
  })

  it('may be JSON', () => {
    const folder = aFolder()
    const channel = {
      type: 'mirakl',
      base_url: 'https://m.example',
      shipstation_store_id: 7,
      ratio: 0.5,
      credentials: { api_key: '${K}' },
    }
    const file = { encryption_keys: '${KEYS}', channels: { m: channel }, shipstation: { api_key: '${K}', api_secret: '${K}' } }
    aFile(folder, 'isync.config.json', JSON.stringify(file, null, 2))
    const config = loadConfig({ cwd: folder, env: { K: 'kkkk', KEYS: `k1:${KEY_TEXT}` } }, channelTypes)
    expect(config.channels.m).toMatchObject({ shipstation_store_id: 7, ratio: '0.5' })
    expect(config.source.file).toBe(join(folder, 'isync.config.json'))
  })

  it('needs little: everything else has a default', () => {
    const config = load(aSmallFile())
    expect(config.channels.macys).toMatchObject({
      enabled: true,
      first_pull_days: 7,
      overlap: 600_000,
      timeout: 30_000,
      sandbox: false,
    })
    expect(config.retry).toEqual({
      push: 3,
      confirmation: 5,
      inventory: 3,
      first_delay: 30_000,
      factor: 2,
      max_delay: 300_000,
      jitter: 0,
    })
    expect(config).toMatchObject({
      max_wait: 120_000,
      lease: 120_000,
      log_level: 'info',
      retention: { payload_days: 90, unshipped_days: 90, journal_days: 400 },
      shadow: { reserve_pending: true },
    })
    expect(config.shipstation).toMatchObject({ on_cancel: 'hold', tags: {}, carriers: {}, push_timeout: 60_000 })
    expect(config.zoho).toBeUndefined()
  })

  it('may leave a key without a value, which counts as not set', () => {
    expect(load(aSmallFile({ rest: 'inventory:\nlog_level: ~\nretry: { push: }' }))).toMatchObject({
      log_level: 'info',
      retry: { push: 3 },
    })
  })

  it('may use anchors and aliases', () => {
    const config = load(
      aSmallFile({ channel: '    carriers: &c { ups: U1 }\n    country_names: { France Métropolitaine: FR }', rest: '' }),
    )
    expect(config.channels.macys).toMatchObject({ carriers: { ups: 'U1' }, country_names: { 'France Métropolitaine': 'FR' } })
    const twice = aSmallFile({ channel: '    first_pull_days: &days 14', shipstation: ', first_pull_days: *days' })
    expect(load(twice).shipstation.first_pull_days).toBe(14)
  })

  it('has no channel or table entry that nobody wrote', () => {
    const config = load(wholeFile)
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(config.channels[name]).toBeUndefined()
      expect(config.shipstation.tags[name]).toBeUndefined()
    }
  })
})

describe('the database', () => {
  it('given as a relative SQLite path lies beside the configuration file', () => {
    const folder = aFolder()
    expect(load(aSmallFile(), env, folder).database).toBe(`sqlite:${join(folder, 'isync.db')}`)
    expect(load(aSmallFile({ rest: 'database: sqlite:data/x.db' }), env, folder).database).toBe(
      `sqlite:${join(folder, 'data/x.db')}`,
    )
    expect(load(aSmallFile({ rest: 'database: sqlite:/var/lib/x.db' }), env, folder).database).toBe('sqlite:/var/lib/x.db')
    expect(load(aSmallFile({ rest: 'database: "sqlite::memory:"' }), env, folder).database).toBe('sqlite::memory:')
  })

  it('takes a plain password by reference and encodes it for the URL', () => {
    const { database, secrets } = load(wholeFile)
    expect(database).toBe('postgres://user:canary-pg-p%40ss%2Fw%25rd@host/isync')
    expect(secrets).toEqual(expect.arrayContaining(['canary-pg-p@ss/w%rd', 'canary-pg-p%40ss%2Fw%25rd']))
  })

  it('may be one reference to a whole URL, which is taken as it is', () => {
    const url = 'postgresql://u:canary-p%40w@db.example:5433/isync?sslmode=disable'
    const config = load(aSmallFile({ rest: 'database: ${URL}' }), { ...env, URL: url })
    expect(config.database).toBe(url)
    expect(config.secrets).toEqual(expect.arrayContaining(['canary-p@w', url]))
  })

  it('may hold its password in the file only for a server on this machine', () => {
    const url = 'postgres://postgres:postgres@127.0.0.1:5432/isync'
    expect(load(aSmallFile({ rest: `database: ${url}` })).database).toBe(url)
  })
})

describe('what is printed of a configuration', () => {
  it('holds no secret, and everything else', () => {
    const config = load(wholeFile)
    const text = JSON.stringify(printableConfig(config))
    for (const secret of config.secrets) expect(text).not.toContain(secret)
    expect(text).not.toMatch(/canary/)
    expect(text).toContain('"database":"postgres://user:***@host/isync"')
    expect(text).toContain('"seller_id":"A1EXAMPLE"')
    expect(text).toContain('"api_secret":"[secret]"')
  })

  it('leaves out a password that stands in the query of the URL', () => {
    const rest = 'database: postgres://u@localhost/isync?password=canary-q&application_name=x'
    expect(printableConfig(load(aSmallFile({ rest }))).database).toBe(
      'postgres://u@localhost/isync?password=***&application_name=x',
    )
  })

  it('knows every secret value for the scrubber', () => {
    expect(new Set(load(wholeFile).secrets)).toEqual(new Set([...Object.values(env), 'canary-pg-p%40ss%2Fw%25rd', KEY_TEXT]))
  })
})
