import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { inject } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

/** One place of the source, broken on purpose. */
export interface Wound {
  /** Path under src. */
  readonly file: string
  /** Must stand there exactly once, so that a changed source cannot leave a sabotage without effect. */
  readonly from: string
  readonly to: string
}

/** Builds the program with these places broken, beside the real one. Returns what to start instead of bin/isync. */
export async function sabotaged(wounds: readonly Wound[]): Promise<string> {
  const folder = mkdtempSync(join(inject('runDir'), 'sabotaged-'))
  const files = new Map(wounds.map(({ file }) => [join(root, 'src', file), readFileSync(join(root, 'src', file), 'utf8')]))
  for (const { file, from, to } of wounds) {
    const path = join(root, 'src', file)
    const parts = (files.get(path) ?? '').split(from)
    if (parts.length !== 2) throw new Error(`${file} holds ${parts.length - 1} times: ${from}`)
    files.set(path, parts.join(to))
  }
  await build({
    absWorkingDir: root,
    entryPoints: { main: 'src/main.ts' },
    outdir: join(folder, 'dist'),
    bundle: true,
    format: 'esm',
    splitting: true,
    platform: 'node',
    target: 'node22',
    // The build's own list.
    external: [
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
    ],
    banner: {
      js: `import { createRequire as __createRequire } from 'node:module'
const require = __createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname`,
    },
    logLevel: 'error',
    plugins: [
      {
        name: 'sabotage',
        setup(builder) {
          builder.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
            const contents = files.get(path)
            return contents === undefined ? undefined : { contents, loader: 'ts' }
          })
        },
      },
    ],
  })
  mkdirSync(join(folder, 'bin'))
  for (const name of ['isync', 'isync.js', 'find-node.sh']) copyFileSync(join(root, 'bin', name), join(folder, 'bin', name))
  chmodSync(join(folder, 'bin/isync'), 0o755)
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return join(folder, 'bin/isync')
}
