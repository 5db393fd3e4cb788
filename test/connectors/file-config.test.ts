import { describe, expect, it } from 'vitest'
import { aSmallFile, env, load, problemsOf, refusalOf } from '../core/config/a-config.ts'

const HOST_KEY = `SHA256:${'A'.repeat(43)}`
const SFTP = `sftp: { host: sftp.garden.example, user: seller, host_key: "${HOST_KEY}" }`
const given = { ...env, GARDEN_PASS: 'canary-garden-pass', GARDEN_KEY: 'canary-garden-key' }

function withChannel(file: string, credentials = '', rest = ''): string {
  return aSmallFile({
    channel: `  garden:\n    type: file\n    shipstation_store_id: 105\n    file: { ${file} }\n    credentials: { ${credentials} }\n${rest}`,
  })
}

function saidOf(text: string): readonly string[] {
  return problemsOf(text, given).map((problem) => problem.replace(/^\d+:\d+ channels\.garden\./, ''))
}

describe('a channel of files', () => {
  it('is a folder, or a server with a password or a key, and what it logs in with is told apart', () => {
    const places = [
      withChannel('path: /srv/exchange'),
      withChannel(SFTP, 'password: "${GARDEN_PASS}"'),
      withChannel(SFTP, 'private_key: "${GARDEN_KEY}", passphrase: "${GARDEN_PASS}"'),
    ].map((text) => load(text, given).vendors['garden'])

    expect(places.map((vendor) => [vendor?.place, vendor?.credentials])).toEqual([
      ['/srv/exchange', ['']],
      ['sftp://sftp.garden.example:22', ['seller', 'canary-garden-pass']],
      ['sftp://sftp.garden.example:22', ['seller', 'canary-garden-key', 'canary-garden-pass']],
    ])
  })

  it.each([
    ['neither a folder nor a server', withChannel('stock: full'), 'file: must have either path or sftp'],
    ['both', withChannel(`path: /srv, ${SFTP}`, 'password: "${GARDEN_PASS}"'), 'file: must have either path or sftp'],
    ['no way in', withChannel(SFTP), 'credentials: must have either password or private_key; needed for sftp'],
    [
      'two ways in',
      withChannel(SFTP, 'password: "${GARDEN_PASS}", private_key: "${GARDEN_KEY}"'),
      'credentials: must have either password or private_key; needed for sftp',
    ],
    [
      'a passphrase for nothing',
      withChannel(SFTP, 'password: "${GARDEN_PASS}", passphrase: "${GARDEN_PASS}"'),
      'credentials.passphrase: means nothing without private_key',
    ],
    [
      'a password for a folder of this machine',
      withChannel('path: /srv', 'password: "${GARDEN_PASS}"'),
      'credentials: means nothing for a folder of this machine',
    ],
    [
      'one folder for two purposes',
      withChannel('path: /srv, folders: { out: in }'),
      'file.folders: must name three different folders',
    ],
    [
      'an address that other channels have',
      withChannel('path: /srv', '', '    endpoint: http://127.0.0.1:4601\n'),
      "endpoint: means nothing for type 'file'",
    ],
  ])('cannot have %s', (_what, text, problem) => {
    expect(saidOf(text)).toEqual([expect.stringContaining(problem)])
  })

  it.each([
    ['folders: { in: ../elsewhere }', 'file.folders.in: must be a plain folder name'],
    [SFTP.replace(HOST_KEY, 'MD5:aa:bb'), 'file.sftp.host_key: must be a fingerprint such as SHA256:'],
    ['path: exchange', 'file.path: must be an absolute path'],
    ['path: /srv, columns: { "Order No": order_id }', 'file.columns'],
  ])('cannot have %s', (file, problem) => {
    expect(saidOf(withChannel(file, file.includes('sftp') ? 'password: "${GARDEN_PASS}"' : '')).join('\n')).toContain(problem)
  })

  it('never shows the password', () => {
    const refusal = refusalOf(() => load(withChannel(`path: /srv, ${SFTP}`, 'password: "${GARDEN_PASS}"'), given))
    expect(`${refusal.message}${refusal.why}`).not.toContain('canary')
    expect(saidOf(withChannel(SFTP, 'password: canary-in-the-file')).join('\n')).toMatch(
      /credentials\.password: a secret must not stand in this file/,
    )
  })
})
