import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { exampleAnswers } from '../../src/commands/init/answers.ts'
import { configText, withPasswordReference } from '../../src/commands/init/config-text.ts'
import { makeDatabase } from '../../src/commands/init/database.ts'
import { envText, secretGroups } from '../../src/commands/init/secrets.ts'
import { crontabLines } from '../../src/commands/shell/crontab.ts'
import { channelTypes } from '../../src/connectors/index.ts'
import { loadConfig } from '../../src/core/config/load.ts'
import { migrationStatus } from '../../src/core/db/migrate.ts'
import { openDb } from '../../src/core/db/open.ts'
import { keyringProblem } from '../../src/core/privacy/keys.ts'
import { databases } from '../world/databases.ts'
import { freshFolder, isync, startSandboxProgram } from './program.ts'

const root = freshFolder('init')
afterAll(() => rmSync(root, { recursive: true }))

let count = 0
let folder: string
beforeEach(() => {
  count += 1
  folder = join(root, String(count))
  mkdirSync(folder)
})

const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const files = () => readdirSync(folder).filter((name) => !name.includes('db-'))

describe('init --yes', () => {
  it('writes a commented example, its secrets for the owner alone, and a database with its schema', async () => {
    const { code, stdout } = await isync(folder, ['init', '--yes'])

    expect(code).toBe(0)
    expect(files().sort()).toEqual(['.env', 'isync.config.yaml', 'isync.db'])
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600)
    expect(stdout).toContain('isync config:check')
    const { ISYNC_KEYS: key, ...others } = parseEnv(read('.env'))
    expect(keyringProblem(key ?? '')).toBeUndefined()
    expect(new Set(Object.values(others))).toEqual(new Set(['']))
    const config = read('isync.config.yaml')
    expect(config).toContain('client_id: ${AMAZON_US_CLIENT_ID}')
    expect([...config.matchAll(/^ {4}(?:type|product): (\w+)/gm)].map(([, kind]) => kind)).toEqual([
      ...['amazon', 'mirakl', 'ebay', 'rithum', 'dsco', 'rithum', 'channeladvisor'],
    ])
    expect(`${stdout}${read('isync.config.yaml')}`).not.toContain(key?.slice(3))
    const status = await isync(folder, ['db:status', '--json'], filledIn())
    expect(JSON.parse(status.stdout)).toMatchObject({ ok: true, pending: [] })
  })

  it('leaves a configuration whose only mistakes are the secrets that are not filled in yet', async () => {
    const { stdout } = await isync(folder, ['init', '--yes', '--json'])
    const missing = (JSON.parse(stdout) as { secrets_to_fill_in: string[] }).secrets_to_fill_in

    const check = await isync(folder, ['config:check'])

    expect(check.code).toBe(2)
    expect(check.stderr).toContain(`${missing.length} problems`)
    for (const name of missing) expect(check.stderr).toContain(`\${${name}} is set but empty`)
    expect((await isync(folder, ['config:check'], filledIn())).code).toBe(0)
  })

  it('prints crontab lines with absolute paths, at the minutes of crontab.example', async () => {
    const { stdout } = await isync(root, ['init', '--yes', '--json', '--dir', folder])
    const { crontab } = JSON.parse(stdout) as { crontab: string[] }
    const example = readFileSync(join(import.meta.dirname, '../../crontab.example'), 'utf8')
    const minutes = (line: string) => line.split(/\s+/).slice(0, 5).join(' ')

    for (const line of crontab) expect(line).toMatch(/^\S+ \S+ \* \* \* +\/\S+\/bin\/isync [a-z:-]+( --yes)? --config \//)
    // The daily report goes by mail, which a new configuration has none of.
    const scheduled = example.split('\n').filter((line) => /^[\d*]/.test(line) && !line.includes('report:daily'))
    expect(crontab.map(minutes)).toEqual(scheduled.map(minutes))
    expect(crontab.map((line) => /isync ([a-z:-]+)/.exec(line)?.[1])).toEqual(
      scheduled.map((line) => /bin\/isync ([a-z:-]+)/.exec(line)?.[1]),
    )
  })

  it.each(['isync.config.yaml', 'isync.config.json', '.env', 'isync.db'])('touches nothing when %s is there', async (name) => {
    writeFileSync(join(folder, name), 'mine')

    const { code, stderr } = await isync(folder, ['init', '--yes'])

    expect(code).toBe(2)
    expect(stderr).toContain('init overwrites nothing')
    expect(stderr).toContain('--dir')
    expect(read(name)).toBe('mine')
    expect(files()).toEqual([name])
  })

  it('says so when the folder cannot be written', async () => {
    writeFileSync(join(folder, 'file'), '')

    const { code, stderr } = await isync(folder, ['init', '--yes', '--dir', 'file/below'])

    expect(code).toBe(2)
    expect(stderr).toContain('the folder cannot be used')
  })
})

describe('init', () => {
  it('without a terminal and without --yes asks nobody and names the flag', async () => {
    const { code, stderr } = await isync(folder, ['init'])

    expect(code).toBe(2)
    expect(stderr).toContain('there is no terminal')
    expect(stderr).toContain('--yes')
    expect(files()).toEqual([])
  })

  it('--dry-run prints both files and writes none', async () => {
    const { code, stdout } = await isync(folder, ['init', '--yes', '--dry-run', '--dir', 'new'])

    expect(code).toBe(0)
    expect(stdout).toContain('seller_id: A1EXAMPLE')
    expect(stdout).toMatch(/^ISYNC_KEYS=.?k1:<a new key>.?$/m)
    expect(stdout).toContain('Dry run: nothing was written.')
    expect(existsSync(join(folder, 'new'))).toBe(false)
  })

  it('--sandbox makes a folder in which every account of isync sandbox works at once', async () => {
    const port = 18_000 + (process.pid % 1000) * 10
    const made = await isync(folder, ['init', '--sandbox-port-base', String(port)])
    const sandbox = await startSandboxProgram(folder, ['--port-base', String(port), '--orders'])
    try {
      const [check, doctor, pull] = await Promise.all([
        isync(folder, ['config:check']),
        isync(folder, ['doctor', '--json']),
        isync(folder, ['orders:pull', '--dry-run', '--json']),
      ])

      expect([made.code, check.code, doctor.code, pull.code]).toEqual([0, 0, 0, 0])
      const { channels } = JSON.parse(pull.stdout) as { channels: { counts: { new: number } }[] }
      expect(channels.map(({ counts }) => counts.new)).toEqual([118, 83, 40, 45, 32])
    } finally {
      await sandbox.stop()
    }
  })
})

describe.each(databases)('the database that init makes on $name', (database) => {
  it('has every migration', async () => {
    const url = await database.url()
    const parsed = new URL(url)
    const password = decodeURIComponent(parsed.password)
    parsed.password = ''
    const answers =
      database.name === 'sqlite' ? exampleAnswers : { ...exampleAnswers, database: parsed.href, databasePassword: password }
    const paths = { config: '', env: '', database: url.replace('sqlite:', '') }

    const made = await makeDatabase(answers, paths)

    expect(made).toMatchObject({ isReady: true })
    const db = await openDb(url, { readonly: true })
    expect(await migrationStatus(db)).toMatchObject({ pending: [] })
    await db.close()
  })
})

describe('a PostgreSQL database', () => {
  const database = 'postgres://isync@127.0.0.1:1/isync'

  it('that cannot be reached yet is no failure: isync db:migrate makes it later', async () => {
    const paths = { config: '', env: '', database: '' }

    expect(await makeDatabase({ ...exampleAnswers, database }, paths)).toMatchObject({ isReady: false })
    const refused = await makeDatabase({ ...exampleAnswers, database, databasePassword: 'hunter2' }, paths)

    expect(refused.note).toContain('isync db:migrate')
    expect(JSON.stringify(refused)).not.toContain('hunter2')
  })

  it('has its password in .env, whatever characters it holds, and a reference in the file', () => {
    const databasePassword = 'p@ss: "w`rd#%'
    const answers = { ...exampleAnswers, database, databasePassword }
    writeFileSync(join(folder, 'isync.config.yaml'), configText(answers))
    const groups = secretGroups(answers, `k1:${'A'.repeat(43)}=`)
    writeFileSync(join(folder, '.env'), envText(groups), { mode: 0o600 })

    const config = loadConfig({ cwd: folder, env: filledIn() }, channelTypes)

    expect(read('isync.config.yaml')).not.toContain(databasePassword)
    expect(config.database).toBe(withPasswordReference(database, encodeURIComponent(databasePassword)))
  })
})

it('a crontab line survives blanks, quotes and percent signs in its paths', () => {
  const [line] = crontabLines({ configFile: "/srv/o'brien 100%/isync.config.yaml", program: '/opt/my isync/bin/isync' })

  expect(line).toContain(`'/opt/my isync/bin/isync' orders:pull --config '/srv/o'\\''brien 100\\%/isync.config.yaml' >>`)
})

/** What an operator would put into `.env`. */
function filledIn(): Record<string, string> {
  const groups = secretGroups(exampleAnswers, '').flatMap(({ secrets }) => secrets)
  const names = groups.map(({ name }) => name).filter((name) => name !== 'ISYNC_KEYS')
  return Object.fromEntries(names.map((name) => [name, `${name}-value`]))
}
