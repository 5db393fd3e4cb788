import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { parse } from 'yaml'
import { systemdUnits } from '../../src/commands/shell/systemd-units.ts'
import { serve } from '../../src/core/config/sections/serve.ts'

const root = resolve(import.meta.dirname, '../..')
const files = readdirSync(join(root, 'deploy'), { recursive: true, encoding: 'utf8' })
  .map((name) => join('deploy', name))
  .filter((name) => statSync(join(root, name)).isFile())
const { port } = serve.parse({})

interface App {
  readonly script: string
  readonly args: readonly string[]
  readonly interpreter: string
  readonly kill_timeout: number
}

interface Component {
  readonly name: string
  readonly kind?: string
  readonly run_command: string
  readonly http_port?: number
  readonly health_check?: { readonly http_path: string }
  readonly termination?: { readonly grace_period_seconds: number }
  readonly envs?: readonly Variable[]
}

interface Variable {
  readonly key: string
  readonly type?: string
  readonly value: string
}

interface Spec {
  readonly envs: readonly Variable[]
  readonly jobs: readonly Component[]
  readonly services: readonly Component[]
  readonly workers: readonly Component[]
  readonly ingress: { readonly rules: readonly { readonly match: { readonly path: { readonly prefix: string } } }[] }
}

const commands = new Map<string, Command>()

beforeAll(async () => {
  for (const name of ['serve', 'crontab', 'db-migrate', 'purge', 'keys-rotate']) {
    const file = join(root, 'src/commands', `${name}.ts`)
    if (!existsSync(file)) continue
    const made = ((await import(file)) as { command(): Command }).command()
    commands.set(made.name(), made)
  }
})

/** Throws unless the program has this command with these options. */
function assertCall(words: readonly string[]): void {
  const [program = '', name = '', ...rest] = words
  expect(program).toBe('/opt/isync/bin/isync')
  const command = commands.get(name)
  expect(command, `isync ${name}`).toBeDefined()
  expect(command?.parseOptions([...rest]).unknown, words.join(' ')).toEqual([])
}

describe('what isync is run by', () => {
  it('is found: more than this, or the other tests look at nothing', () => {
    expect(files.length).toBeGreaterThan(7)
  })

  it('holds no secret, only places to fill in', () => {
    for (const file of files)
      expect(read(file), file).not.toMatch(/k1:[A-Za-z0-9+/]{43}=|whsec_[A-Za-z0-9+/]{8}|BEGIN [A-Z ]*PRIVATE KEY/)
  })

  it('names only files of the house that exist', () => {
    for (const file of files) {
      const named = [...read(file).matchAll(/\b((?:docs|deploy)\/[\w./-]+\w)/g)].map(([, name = '']) => name)
      expect(
        named.filter((name) => !existsSync(join(root, name))),
        file,
      ).toEqual([])
    }
  })
})

describe("PM2's file", () => {
  const load = createRequire(import.meta.url)
  const [app, ...others] = (load(join(root, 'deploy/pm2/ecosystem.config.cjs')) as { apps: readonly App[] }).apps

  it('starts the server alone, by its own launcher, and leaves it the time that it takes to stop', () => {
    expect(others).toEqual([])
    assertCall([app?.script ?? '', ...(app?.args ?? [])])
    expect(app?.interpreter).toBe('none')
    expect(app?.kill_timeout).toBeGreaterThan(12_000)
  })
})

describe("the server's unit", () => {
  const unit = read('deploy/systemd/isync-serve.service')

  it('starts what there is, and leaves it the time that it takes to stop', () => {
    assertCall(settingOf(unit, 'ExecStart').split(' '))
    expect(Number(settingOf(unit, 'TimeoutStopSec'))).toBeGreaterThan(12)
    expect(settingOf(unit, 'Restart')).toBe('always')
  })

  it('is shut in as the units of the schedule are', () => {
    const places = {
      program: '/opt/isync/bin/isync',
      configFile: '/etc/isync/isync.config.yaml',
      writable: ['/w'],
      user: 'isync',
    }
    const job = systemdUnits(places, []).find(({ name }) => name === 'isync-purge.service')?.text ?? ''
    const walls = job
      .split('\n')
      .filter((line) => /^(UMask|NoNew|Protect|Private|Restrict|Lock|Remove|Capability|SystemCall)/.test(line))
    expect(walls.length).toBeGreaterThan(20)
    for (const wall of walls) expect(unit).toContain(`\n${wall}\n`)
    expect(settingOf(unit, 'User')).toBe(settingOf(job, 'User'))
  })

  it.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)('passes the check of systemd', () => {
    const folder = mkdtempSync(join(inject('runDir'), 'unit-'))
    const user = spawnSync('id', ['-un'], { encoding: 'utf8' }).stdout.trim()
    const here = unit.replace('/opt/isync/bin/isync', join(root, 'bin/isync')).replace('User=isync', `User=${user}`)
    writeFileSync(join(folder, 'isync-serve.service'), here)
    const checked = spawnSync('systemd-analyze', ['verify', '--man=no', join(folder, 'isync-serve.service')], {
      encoding: 'utf8',
    })
    expect([checked.status, checked.stderr.split('\n').filter((line) => line.includes('isync'))]).toEqual([0, []])
  })
})

describe('the container', () => {
  const image = read('deploy/docker/Dockerfile')

  it('runs as somebody who is not root and owns nothing of the program', () => {
    const last = image.slice(image.lastIndexOf('\nFROM'))
    expect(last).toMatch(/^USER node$/m)
    expect(last.slice(0, last.indexOf('USER node'))).not.toMatch(/chown(?! node -g node -m 0700 \/var\/lib\/isync)/)
  })

  it('starts the server, and asks it for its health where it listens', () => {
    const [, entry = ''] = /^ENTRYPOINT \["(.*)"\]$/m.exec(image) ?? []
    const [, word = ''] = /^CMD \["(\w+)"\]$/m.exec(image) ?? []
    assertCall([entry, word])
    expect(image).toContain(`http://127.0.0.1:${port}/healthz`)
    expect(image).toContain(`EXPOSE ${port}\n`)
    const [, script = ''] = /^ {2}CMD \["node", "-e", "(.*)"\]$/m.exec(image) ?? []
    expect(spawnSync(process.execPath, ['--check', '-'], { input: script }).status).toBe(0)
    // Nobody listens: not healthy.
    expect(spawnSync(process.execPath, ['-e', script.replace(String(port), '9')]).status).toBe(1)
  })

  it('copies what there is, and keeps secrets and databases out of what it is built from', () => {
    const copied = [...image.matchAll(/^COPY (?:--from=build )?(.+) \S+$/gm)].flatMap(([, names = '']) => names.split(' '))
    const made = ['.', 'dist', 'node_modules']
    const sources = copied.map((name) => name.replace('/build/', '')).filter((name) => !made.includes(name))
    expect(sources.length).toBeGreaterThan(5)
    for (const name of sources) expect(existsSync(join(root, name)), name).toBe(true)
    const left = read('.dockerignore').split('\n')
    for (const name of ['.env*', '*.db', '*.db-*', 'isync.config.*', '.git', 'node_modules']) expect(left).toContain(name)
  })
})

describe("App Platform's spec", () => {
  const spec = parse(read('deploy/digitalocean/app.yaml')) as Spec
  const all = [...spec.jobs, ...spec.services, ...spec.workers]

  it('runs commands that there are, on the port that isync listens on', () => {
    expect(all.map(({ name }) => name)).toEqual(['migrate', 'serve', 'schedule'])
    for (const { run_command } of all) assertCall(run_command.split(' '))
    const [service] = spec.services
    expect([service?.http_port, service?.health_check?.http_path]).toEqual([port, '/healthz'])
    for (const one of [...spec.services, ...spec.workers]) expect(one.termination?.grace_period_seconds).toBeGreaterThan(12)
  })

  it('brings the tables up to date before anything new starts', () => {
    expect(spec.jobs.map(({ kind, run_command }) => [kind, run_command])).toEqual([
      ['PRE_DEPLOY', '/opt/isync/bin/isync db:migrate'],
    ])
  })

  it('shows nothing to the world but where webhooks and checks of its life come to', () => {
    expect(spec.ingress.rules.map(({ match }) => match.path.prefix)).toEqual(['/webhooks', '/healthz'])
  })

  it('has whatever is to be filled in encrypted', () => {
    const variables = [...spec.envs, ...all.flatMap(({ envs = [] }) => envs)]
    const secret = variables.filter(({ value }) => value.includes('FILL-IN'))
    expect(secret.length).toBeGreaterThan(3)
    expect(secret.filter(({ type }) => type !== 'SECRET')).toEqual([])
  })
})

describe("Caddy's file", () => {
  const [, pattern = '', replacement = ''] = /request>uri regexp `(.*)` `(.*)`/.exec(read('deploy/caddy/Caddyfile')) ?? []

  it.each([
    ['/webhooks/shipstation/Canary0123?x=1', '/webhooks/shipstation/(hidden)'],
    ['//webhooks/shipstation/Canary0123', '(hidden)'],
    ['/%77ebhooks/shipstation/Canary0123', '(hidden)'],
    ['/healthz', '/healthz(hidden)'],
  ])('writes %s into its logs as %s', (address, written) => {
    // Go's expressions and JavaScript's do not differ in what this one uses.
    expect(address.replace(new RegExp(pattern), replacement.replace('${1}', '$1'))).toBe(written)
  })

  it('masks the log of requests and that of errors alike', () => {
    expect(read('deploy/caddy/Caddyfile').split(pattern)).toHaveLength(3)
  })

  it('passes the check of Caddy', ({ skip }) => {
    skip(spawnSync('caddy', ['version']).status !== 0, 'there is no Caddy here')
    const checked = spawnSync('caddy', ['adapt', '--config', join(root, 'deploy/caddy/Caddyfile'), '--validate'], {
      encoding: 'utf8',
    })
    expect(checked.status, checked.stderr).toBe(0)
  })
})

function settingOf(unit: string, key: string): string {
  return new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1] ?? ''
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}
