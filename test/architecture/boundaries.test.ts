import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { findings } from './cruise.ts'
import { layers, rules, sdks } from './rules.ts'

const root = resolve(import.meta.dirname, '../..')

describe('the layers', () => {
  it('are kept by every file', async () => {
    const seen = await findings(root, ['src', 'migrations', 'scripts', 'knexfile.ts'])
    expect(seen.modules).toBeGreaterThan(60)
    expect(seen.findings).toEqual([])
  })
})

/** A tree for each rule that breaks this one: file -> what it imports. */
const planted: Record<string, Record<string, readonly string[]>> = {
  'no-cycles': { 'src/main.ts': ['./a.ts'], 'src/a.ts': ['./main.ts'] },
  'no-dead-files': { 'src/main.ts': ['./commands/a.ts'], 'src/commands/a.ts': [], 'src/core/forgotten.ts': [] },
  'no-dumping-ground': { 'src/core/a.ts': ['./utils.ts'], 'src/core/utils.ts': [] },
  'no-unlisted-packages': { 'src/core/a.ts': ['left-pad'] },
  'main-starts-commands': { 'src/main.ts': ['./core/a.ts'], 'src/core/a.ts': [] },
  'core-knows-nobody': { 'src/core/a.ts': ['../commands/b.ts'], 'src/commands/b.ts': [] },
  'connectors-see-ports-only': { 'src/connectors/amazon/a.ts': ['../../core/db/b.ts'], 'src/core/db/b.ts': [] },
  'connectors-declare-their-keys': {
    'src/connectors/amazon/config.ts': ['../../core/config/load.ts'],
    'src/core/config/load.ts': [],
  },
  'keys-stay-in-config': { 'src/connectors/amazon/a.ts': ['../../core/config/fields.ts'], 'src/core/config/fields.ts': [] },
  'connectors-are-islands': { 'src/connectors/amazon/a.ts': ['../mirakl/b.ts'], 'src/connectors/mirakl/b.ts': [] },
  'one-composition-root': { 'src/commands/a.ts': ['../connectors/amazon/b.ts'], 'src/connectors/amazon/b.ts': [] },
  'commands-are-siblings': { 'src/commands/a.ts': ['./b.ts'], 'src/commands/b.ts': [] },
  'commands-leave-sql-alone': { 'src/commands/a.ts': ['../core/db/b.ts'], 'src/core/db/b.ts': [] },
  'serve-is-a-room-of-its-own': { 'src/serve/a.ts': ['../commands/shell/b.ts'], 'src/commands/shell/b.ts': [] },
  'serve-has-one-door': { 'src/commands/status.ts': ['../serve/b.ts'], 'src/serve/b.ts': [] },
  'sandbox-is-alone': { 'src/sandbox/a.ts': ['../core/b.ts'], 'src/core/b.ts': [] },
  'sandbox-is-unknown': { 'src/commands/status.ts': ['../sandbox/b.ts'], 'src/sandbox/b.ts': [] },
  'model-is-pure': { 'src/core/model/a.ts': ['knex'] },
  'sql-stays-in-db': { 'src/core/orders/a.ts': ['knex'] },
  'terminal-stays-in-commands': { 'src/core/orders/a.ts': ['pino'] },
  ...Object.fromEntries(
    layers.slice(1).map((above, i) => {
      const [low, high] = [layers[i]!, above.split('|')[0]!]
      return [
        `core-looks-down-from-${low}`,
        { [`src/core/${low.split('|')[0]}/a.ts`]: [`../${high}/b.ts`], [`src/core/${high}/b.ts`]: [] },
      ]
    }),
  ),
  ...Object.fromEntries(
    Object.entries(sdks).map(([home, sdk]) => [`sdk-stays-in-${home}`, { 'src/connectors/http/a.ts': [sdk.split('|')[0]!] }]),
  ),
}

const installed = ['knex', 'pino', 'amazon-sp-api', 'ebay-api', 'nodemailer']

describe('a planted violation turns the check red', () => {
  const trees: string[] = []
  afterAll(() => {
    for (const tree of trees) rmSync(tree, { recursive: true })
  })

  it.each(rules.map(({ name }) => name))('%s', async (name) => {
    const tree = plant(planted[name!] ?? {})
    trees.push(tree)
    const seen = await findings(tree, ['src'])
    expect(seen.findings.map(({ rule }) => rule)).toContain(name)
  })

  it('and a tree that breaks none stays green', async () => {
    const tree = plant({
      'src/main.ts': ['./commands/program.ts'],
      'src/commands/program.ts': ['./status.ts'],
      'src/commands/status.ts': ['../core/reports/status.ts', './shell/runtime.ts'],
      'src/commands/shell/runtime.ts': ['../../connectors/amazon/connector.ts', '../../core/db/orders.ts'],
      'src/core/reports/status.ts': ['../db/orders.ts'],
      'src/core/db/orders.ts': ['knex'],
      'src/core/ports/marketplace.ts': [],
      'src/connectors/amazon/connector.ts': ['../http/client.ts', '../../core/ports/marketplace.ts', 'amazon-sp-api'],
      'src/connectors/http/client.ts': [],
      'src/core/config/reference.ts': [],
      'scripts/docs.mjs': ['../src/core/config/reference.ts'],
    })
    trees.push(tree)
    expect(await findings(tree, ['src', 'scripts'])).toEqual({ findings: [], modules: 11 })
  })
})

function plant(files: Record<string, readonly string[]>): string {
  const tree = mkdtempSync(join(tmpdir(), 'isync-rules-'))
  write(
    tree,
    'package.json',
    JSON.stringify({ type: 'module', dependencies: Object.fromEntries(installed.map((name) => [name, '*'])) }),
  )
  for (const name of installed) {
    write(tree, `node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }))
    write(tree, `node_modules/${name}/index.js`, '')
  }
  for (const [file, imports] of Object.entries(files)) {
    write(tree, file, `${imports.map((from) => `import '${from}'\n`).join('')}export {}\n`)
  }
  return tree
}

function write(tree: string, file: string, content: string): void {
  const path = join(tree, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}
