// Bundles src/main.ts into dist/, one chunk per lazily imported command.
//
// The folder is never emptied: a program that is running imports its commands late, so the chunks it was built
// with stay for a while. Chunk names carry a hash of their content, and every file appears by rename, main.js last.
import { mkdirSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { build } from 'esbuild'
import { chunksIn, sweep } from './sweep.mjs'

const root = resolve(import.meta.dirname, '..')
const dist = join(root, 'dist')
const entry = 'main.js'

// better-sqlite3 finds its native part beside its own files. Native parts of all others are extras that are tried and may be absent: no
// install script ever made them. The rest are drivers knex offers to load and isync has no use for.
const external = [
  '*.node',
  'better-sqlite3',
  'pg-native',
  'mariadb/callback',
  'mysql',
  'mysql2',
  'oracledb',
  'sqlite3',
  'tedious',
  'pg-query-stream',
]

// CommonJS packages inside an ES module expect these three.
const banner = `import { createRequire as __createRequire } from 'node:module'
const require = __createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname`

const { outputFiles, metafile } = await build({
  absWorkingDir: root,
  entryPoints: { main: 'src/main.ts' },
  outdir: dist,
  bundle: true,
  format: 'esm',
  splitting: true,
  platform: 'node',
  target: 'node22',
  external,
  banner: { js: banner },
  sourcemap: 'linked',
  sourcesContent: false,
  // 3 to 7 ms of every start. Names stay, and lines stay short enough for a stack trace in a mail.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  legalComments: 'none',
  chunkNames: '[name]-[hash]',
  logLevel: 'warning',
  metafile: true,
  write: false,
}).catch(() => process.exit(1)) // esbuild has said why

mkdirSync(dist, { recursive: true })
const previous = new Set(chunksIn(dist))
const named = outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }))
// Which packages went where, for the test that watches what a start loads.
named.push({ name: 'contents.json', contents: Buffer.from(JSON.stringify(packagesByChunk())) })
for (const { name, contents } of named.sort((a, b) => Number(a.name === entry) - Number(b.name === entry))) put(name, contents)
sweep(dist, new Set(named.map(({ name }) => name)), previous)

if (process.argv.includes('--report')) report()

function put(name, contents) {
  const file = join(dist, name)
  const unchanged = name !== entry && name.endsWith('.js') && sizeOf(file) === contents.length
  if (unchanged) {
    const now = new Date()
    utimesSync(file, now, now)
    return
  }
  const draft = `${file}.${process.pid}.tmp`
  writeFileSync(draft, contents)
  renameSync(draft, file)
}

function packagesByChunk() {
  const chunks = Object.entries(metafile.outputs).filter(([name]) => name.endsWith('.js'))
  return Object.fromEntries(
    chunks.map(([name, { inputs }]) => [basename(name), [...new Set(Object.keys(inputs).flatMap(packageOf))]]),
  )
}

/** `node_modules/@scope/name/lib/a.js` -> @scope/name; nothing for our own files. */
function packageOf(input) {
  const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]
  return name === undefined ? [] : [name]
}

function sizeOf(file) {
  return statSync(file, { throwIfNoEntry: false })?.size
}

function report() {
  const chunks = Object.entries(metafile.outputs).filter(([name]) => name.endsWith('.js'))
  for (const [name, { bytes }] of chunks.sort((a, b) => b[1].bytes - a[1].bytes)) {
    process.stdout.write(`${String(Math.round(bytes / 1024)).padStart(6)} kB  ${basename(name)}\n`)
  }
}
