import { chmodSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { aFile, aFolder, aSmallFile, env, load, problemsOf } from './a-config.ts'

const { SS_KEY: _, ...withoutKey } = env

describe('a ${NAME} reference', () => {
  it('is taken from the environment, then .env beside the file, then the file that NAME_FILE names', () => {
    const folder = aFolder()
    const mounted = aFile(folder, 'mounted', 'from-mounted\n')
    const keyWith = (given: Readonly<Record<string, string>>) =>
      load(aSmallFile(), { ...withoutKey, ...given }, folder).shipstation.api_key
    expect(keyWith({ SS_KEY_FILE: mounted })).toBe('from-mounted')
    aFile(folder, '.env', 'SS_KEY="from-dotenv" # comment\n')
    expect(keyWith({ SS_KEY_FILE: mounted })).toBe('from-dotenv')
    expect(keyWith({ SS_KEY: 'from-environment', SS_KEY_FILE: mounted })).toBe('from-environment')
    expect(keyWith({ SS_KEY: '' })).toBe('from-dotenv')
  })

  it('may name its mounted file in .env, loses only the last line break, and is known to the scrubber', () => {
    const folder = aFolder()
    aFile(folder, '.env', `SS_KEY_FILE=${aFile(folder, 'mounted', ' spaced \r\n')}`)
    const config = load(aSmallFile(), withoutKey, folder)
    expect(config.shipstation.api_key).toBe(' spaced ')
    expect(config.secrets).toContain(' spaced ')
  })

  it('works in any value, also as a part of it', () => {
    const text = aSmallFile({ channel: '    shop_id: ${SHOP}\n    ratio: ${WHOLE}.${PART}' }).replace(
      'https://macys',
      'https://${OPERATOR}',
    )
    const config = load(text, { ...env, SHOP: '2001', WHOLE: '1', PART: '25', OPERATOR: 'bloom' })
    expect(config.channels.macys).toMatchObject({ shop_id: 2001, ratio: '1.25', base_url: 'https://bloom.mirakl.net' })
  })

  it('is not looked into again: a value that looks like a reference is a value', () => {
    expect(load(aSmallFile(), { ...env, SS_KEY: '${SS_SECRET}' }).shipstation.api_key).toBe('${SS_SECRET}')
  })

  it.each([
    ['${SS-KEY}', 'a reference must be ${NAME}'],
    ['${}', 'a reference must be ${NAME}'],
    ['${ SS_KEY }', 'a reference must be ${NAME}'],
    ['"${SS_KEY"', 'a secret must not stand in this file'],
    ['$SS_KEY', 'a secret must not stand in this file'],
    ['x${SS_KEY}', 'a secret must not stand in this file'],
  ])('written as %s is refused', (written, message) => {
    const problems = problemsOf(aSmallFile().replace('${SS_KEY}', written))
    expect(problems).toEqual([expect.stringContaining(`9:16 shipstation.api_key: ${message}`)])
  })

  it('that is missing is named with its place, all of them at once', () => {
    const problems = problemsOf(aSmallFile(), { SS_SECRET: '' })
    expect(problems.map((line) => line.slice(0, line.indexOf(': set')))).toEqual([
      '1:1 encryption_keys: ${ISYNC_KEYS} is not set',
      '7:20 channels.macys.credentials.api_key: ${MACYS_KEY} is not set',
      '9:16 shipstation.api_key: ${SS_KEY} is not set',
      '9:36 shipstation.api_secret: ${SS_SECRET} is set but empty',
    ])
  })

  it('says when its mounted file is missing, empty, a folder or far too large', () => {
    const folder = aFolder()
    const files = [`${folder}/gone`, aFile(folder, 'empty', '\n'), folder, aFile(folder, 'large', 'x'.repeat(300_000))]
    const reasons = files.map((file) => problemsOf(aSmallFile(), { ...withoutKey, SS_KEY_FILE: file }).join())
    expect(reasons).toEqual([
      expect.stringContaining('SS_KEY_FILE names a file that cannot be read'),
      expect.stringContaining('SS_KEY_FILE names an empty file'),
      expect.stringContaining('cannot be read'),
      expect.stringContaining('cannot be read'),
    ])
  })

  it('with a line break in its value is refused without showing it', () => {
    const problems = problemsOf(aSmallFile(), { ...env, SS_KEY: 'canary\r\nX-Injected: 1' })
    expect(problems).toEqual(['9:16 shipstation.api_key: the value of ${SS_KEY} holds a line break or another control character'])
  })
})

describe('a file that holds secrets', () => {
  it('must not be readable for every user', () => {
    const folder = aFolder()
    const dotEnv = aFile(folder, '.env', 'SS_KEY=canary-1\nSS_SECRET=canary-2\n', 0o644)
    const { SS_SECRET: _secret, ...neither } = withoutKey
    const problems = problemsOf(aSmallFile(), neither, folder)
    expect(problems).toEqual([
      `9:16 shipstation.api_key: \${SS_KEY} comes from a file that every user may read; run: chmod 600 ${dotEnv}`,
    ])
    chmodSync(dotEnv, 0o640)
    expect(load(aSmallFile(), neither, folder).shipstation.api_key).toBe('canary-1')
  })

  it('is also the file that NAME_FILE names', () => {
    const mounted = aFile(aFolder(), 'mounted', 'canary', 0o604)
    expect(problemsOf(aSmallFile(), { ...withoutKey, SS_KEY_FILE: mounted })).toEqual([
      expect.stringContaining(`chmod 600 ${mounted}`),
    ])
  })

  it('is not a .env that only holds a port', () => {
    const folder = aFolder()
    aFile(folder, '.env', 'PORT=4601\n', 0o644)
    const text = aSmallFile({ shipstation: ', endpoint: "http://127.0.0.1:${PORT}"' })
    expect(load(text, env, folder).shipstation.endpoint).toBe('http://127.0.0.1:4601')
  })
})
