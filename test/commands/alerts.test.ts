import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type MailServer, startMailServer } from '../alerts/mail-server.ts'
import { startWebServer } from '../alerts/web-server.ts'
import { freshFolder, isync } from './program.ts'

const PASSWORD = 'right-password'

/** A seller whose only channel is down; people are told of that at once. */
async function aSeller(mail: Pick<MailServer, 'port'>, more = '', timeout = '5s'): Promise<string> {
  const { origin } = await startWebServer(() => ({ status: 503, body: 'maintenance' }))
  const folder = freshFolder('alerts')
  writeFileSync(
    join(folder, 'isync.config.yaml'),
    `database: sqlite:./isync.db
encryption_keys: \${KEYS}
shipstation: { api_key: \${SS_KEY}, api_secret: \${SS_SECRET} }
channels:
  mirakl-macys: { type: mirakl, base_url: "${origin}", shop_id: 2001, shipstation_store_id: 103, credentials: { api_key: \${MACYS_KEY} } }
alerts:
  down_after: 1
  email: { host: 127.0.0.1, port: ${mail.port}, security: none, user: isync, password: \${MAIL_PASSWORD}, from: isync@seller.example, to: [ops@seller.example], timeout: ${timeout} }
${more}`,
  )
  await isync(folder, ['db:migrate'], secrets)
  return folder
}

const secrets = {
  KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  SS_KEY: 'made-up-key',
  SS_SECRET: 'made-up-secret',
  MACYS_KEY: 'made-up-macys',
  MAIL_PASSWORD: PASSWORD,
}

describe('a command at its end', () => {
  it('tells people of trouble once, shows it, is quiet about it when asked, and tests the way', async () => {
    const mail = await startMailServer()
    const folder = await aSeller(mail)
    for (let i = 0; i < 2; i += 1) expect((await isync(folder, ['orders:pull'], secrets)).code).toBe(4)
    expect(mail.mails.map(({ headers, user }) => [headers['subject'], user])).toEqual([
      ['[isync] WARNING mirakl-macys: orders cannot be read', 'isync'],
    ])

    const listed = JSON.parse((await isync(folder, ['alerts', '--json'], secrets)).stdout)
    expect(listed.alerts).toMatchObject([{ rule: 'pull-failed', count: 2, told: expect.any(String), acknowledged: null }])
    const { id } = listed.alerts[0]
    const until = await isync(folder, ['alerts', '--ack', id, '--snooze', id, '--until', '2h'], secrets)
    expect(until.stdout).toMatch(/acknowledged by .*; quiet until /)
    expect((await isync(folder, ['alerts', '--snooze', id], secrets)).code).toBe(2)

    const dry = await isync(folder, ['alerts:test', '--dry-run'], secrets)
    expect(dry.stdout).toContain('ops@seller.example')
    expect(mail.mails).toHaveLength(1)
    const test = await isync(folder, ['alerts:test', '--json'], secrets)
    expect(JSON.parse(test.stdout).media).toMatchObject([{ medium: 'email', ok: true, answer: expect.stringMatching(/^250/) }])
    expect(mail.mails[1]?.headers['subject']).toBe('[isync] TEST: nothing is wrong')
    expect(test.stdout + test.stderr + listed.stdout).not.toContain(PASSWORD)
  })

  it('is neither slowed for long nor failed by a mail server that says nothing; alerts:check tells later', async () => {
    const mail = await startMailServer()
    const folder = await aSeller(mail, '', '1s')
    mail.moods.push('hang')
    const begun = performance.now()
    const ended = await isync(folder, ['orders:pull', '--json'], secrets)
    expect([ended.code, JSON.parse(ended.stdout).verdict]).toEqual([4, 'vendor-down'])
    expect(performance.now() - begun).toBeLessThan(15_000)
    expect((await isync(folder, ['alerts:check'], secrets)).code).toBe(0)
    const now = await isync(folder, ['retry', '--kind', 'notify', '--id', await taskId(folder), '--yes'], secrets)
    expect(now.code).toBe(0)
    expect(new Set(mail.mails.map(({ headers }) => headers['message-id'])).size).toBe(1)
  })

  it('tests a way whose login was refused a moment ago: who asks has mended something', async () => {
    const mail = await startMailServer()
    const folder = await aSeller(mail)
    mail.moods.push(535)
    const test = async () => JSON.parse((await isync(folder, ['alerts:test', '--json'], secrets)).stdout).media
    expect(await test()).toMatchObject([{ ok: false, answer: expect.stringContaining('535') }])
    expect(await test()).toMatchObject([{ ok: true, answer: expect.stringMatching(/^250/) }])
    expect(mail.mails).toHaveLength(1)
  })

  it('says which way is wrong when the configuration is', async () => {
    const folder = await aSeller({ port: 25 }, '  sms: { account_sid: AC12, token: ${MAIL_PASSWORD}, to: ["15551234567"] }\n')
    const check = await isync(folder, ['config:check'], secrets)
    expect(check.code).toBe(2)
    for (const path of ['alerts.sms.account_sid', 'alerts.sms.to']) expect(check.stdout + check.stderr).toContain(path)
  })
})

async function taskId(folder: string): Promise<string> {
  const shown = await isync(folder, ['status', '--json'], secrets)
  expect(JSON.parse(shown.stdout).tasks.rows).toMatchObject([{ kind: 'notify', channel: 'email', count: 1 }])
  const { default: Database } = await import('better-sqlite3')
  const db = new Database(join(folder, 'isync.db'), { readonly: true })
  const row = db.prepare(`select id from tasks where kind = 'notify'`).get() as { id: string }
  db.close()
  return row.id
}
