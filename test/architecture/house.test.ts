import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectFiles, read } from './files.ts'

const root = resolve(import.meta.dirname, '../..')

describe('every connector', () => {
  const notVendors = ['http', 'notify', 'generic']

  it('is in src/connectors/index.ts, and nothing else is', () => {
    const folders = readdirSync(join(root, 'src/connectors'), { withFileTypes: true })
    const vendors = folders.filter((entry) => entry.isDirectory() && !notVendors.includes(entry.name)).map(({ name }) => name)
    expect(importedFolders(read('src/connectors/index.ts'))).toEqual(vendors.sort())
  })
})

describe('every command file', () => {
  it('is in src/commands/program.ts, and nothing else is', () => {
    const files = readdirSync(join(root, 'src/commands')).filter((name) => name.endsWith('.ts') && name !== 'program.ts')
    expect(importedFiles(read('src/commands/program.ts'))).toEqual(files.sort())
  })
})

describe('a file', () => {
  it('is short enough to be read in one go', () => {
    const tooLong = projectFiles()
      .filter((file) => /^(src|test|migrations|bench|scripts)\/.*\.(ts|mjs)$/.test(file))
      .map((file) => ({ file, lines: lineCount(read(file)), most: mostLines(file) }))
      .filter(({ lines, most }) => lines > most)
      .map(({ file, lines, most }) => `${file}: ${lines} lines, at most ${most}`)
    expect(tooLong).toEqual([])
  })

  it('names no place that exists on one machine only', () => {
    // Put together here, so that this file does not name them either. A folder of that name inside the project is fine.
    const [workplace, sharedFolder] = ['work', 'shared'].map((name) => `${name}/`)
    const place = new RegExp(`(?<![\\w.])/${workplace}|\\b${sharedFolder}(?!contracts\\b)`)
    const offenders = projectFiles()
      .filter((file) => isText(file) && file !== 'package-lock.json')
      .filter((file) => place.test(read(file)))
    expect(offenders).toEqual([])
  })

  it('takes zod by `import * as z`: its object `z` brings forty languages along, which every start would read', () => {
    const offenders = projectFiles().filter(
      (file) => /^src\/.*\.ts$/.test(file) && /^import (z\b|\{[^}]*(?<!type )\bz\b)[^\n]* from 'zod'/m.test(read(file)),
    )
    expect(offenders).toEqual([])
  })

  it("reads the vendors' models in tests only", () => {
    const offenders = projectFiles().filter(
      (file) => !file.startsWith('test/') && isText(file) && read(file).includes('../shared/contracts'),
    )
    expect(offenders).toEqual([])
  })
})

describe('crontab.example', () => {
  const jobs = read('crontab.example')
    .split('\n')
    .filter((line) => /^[\d*]/.test(line))

  it('runs commands that there are', () => {
    const commands = jobs.map((job) => / \/opt\/isync\/bin\/isync (\S+)/.exec(job)?.[1])
    const known = read('src/commands/program.ts')
    expect(commands.length).toBeGreaterThan(3)
    expect(commands.filter((command) => command === undefined || !new RegExp(`['\\s]${command}'?: \\{`).test(known))).toEqual([])
  })

  it('has no percent sign, which cron takes for a line break', () => {
    expect(read('crontab.example')).not.toContain('%')
  })
})

describe('.ci/run', () => {
  const steps = () =>
    read('.ci/run')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#') && !/^(set|cd) /.test(line))

  it("begins with the README's test command", () => {
    const promised = /^(npm ci && )?npm test$/m.exec(read('README.md'))
    expect(promised?.[0]).toBe('npm ci && npm test')
    expect(steps().slice(0, 2)).toEqual(['npm ci', 'npm test'])
  })

  it('then lints, checks the types and the rules', () => {
    expect(steps().slice(2)).toEqual(['npm run lint', 'npm run types', 'npm run rules'])
  })
})

/** `./amazon/connector.ts` -> amazon, for every import in the text, once each. */
function importedFolders(text: string): string[] {
  return unique([...text.matchAll(/'\.\/([^/']+)\/[^']+\.ts'/g)].map(([, folder]) => folder!))
}

function importedFiles(text: string): string[] {
  return unique([...text.matchAll(/'\.\/([^/']+\.ts)'/g)].map(([, file]) => file!))
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}

function mostLines(file: string): number {
  if (file.startsWith('src/sandbox/')) return 320
  return /(^|\/)wire\.ts$/.test(file) || file.startsWith('test/') ? 400 : 250
}

function lineCount(text: string): number {
  return text.trimEnd().split('\n').length
}

function isText(file: string): boolean {
  return /(^|\/)[^.]+$|\.(ts|mjs|js|json|md|yaml|yml|example|sh|html|css|txt)$|(^|\/)\.[a-z]+$/.test(file)
}
