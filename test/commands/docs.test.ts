import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { channelTypes } from '../../src/connectors/index.ts'
import { loadConfig } from '../../src/core/config/load.ts'

const root = resolve(import.meta.dirname, '../..')
const pages = [
  'README.md',
  'README.zh-CN.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
]

const folder = mkdtempSync(join(tmpdir(), 'isync-docs-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('the documents', () => {
  it('show commands: more than this, or they are not found', () => {
    expect(commandLines('README.md').length).toBeGreaterThan(20)
    expect(commandLines('docs/operations.md').length).toBeGreaterThan(15)
    expect(commandLines('crontab.example').length).toBeGreaterThan(7)
  })

  it('name every command in the README', () => {
    const named = new Set(commandLines('README.md').map(([name]) => name))
    expect(commandNames().filter((name) => !named.has(name))).toEqual([])
  })
})

describe('the README in Chinese', () => {
  const [english, chinese] = [sectionsOf('README.md'), sectionsOf('README.zh-CN.md')]

  it('has the sections of the English one, and each links to the other', () => {
    expect(chinese).toHaveLength(english.length)
    expect(english[0]).toContain('(README.zh-CN.md)')
    expect(chinese[0]).toContain('(README.md)')
  })

  it('shows the same commands in the same order, with comments of its own', () => {
    expect(fenced('README.zh-CN.md', 'sh').map(withoutComments)).toEqual(fenced('README.md', 'sh').map(withoutComments))
    expect(commandLines('README.zh-CN.md')).toEqual(commandLines('README.md'))
  })

  it.each(english.map((section, at) => [/^#* ?(.*)/.exec(section)?.[1] ?? '', at] as const))(
    'tells the same names, figures and links under "%s"',
    (_, at) => {
      const [told = '', meant = ''] = [chinese[at], english[at]]
      expect(countsOf(told, /`[^`\n]+`/g)).toEqual(countsOf(meant, /`[^`\n]+`/g))
      const links = /\]\((?!README)[^)]+\)/g
      expect(countsOf(told, links)).toEqual(countsOf(meant, links))
      expect(countsOf(withoutCode(told), figure)).toEqual(countsOf(withoutCode(meant), figure))
      expect([...told.matchAll(/^\|/gm)]).toHaveLength([...meant.matchAll(/^\|/gm)].length)
      expect([...told.matchAll(/^(-|\d+\.) /gm)]).toHaveLength([...meant.matchAll(/^(-|\d+\.) /gm)].length)
    },
  )
})

describe.each([...pages, 'crontab.example'])('%s', (page) => {
  it('shows only commands and options that exist', () => {
    const wrong = commandLines(page).flatMap(([name = '', ...words]) => {
      if (!commandNames().includes(name)) return [`isync ${name}: no such command`]
      const known = optionsOf(name)
      const options = words.filter((word) => /^-/.test(word)).map((word) => word.replace(/=.*/, ''))
      return options.filter((option) => !known.has(option)).map((option) => `isync ${name} ${option}: no such option`)
    })
    expect(wrong).toEqual([])
  })

  it('shows only package scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = [...read(page).matchAll(/\bnpm run (?:--silent )?([a-z:]+)/g)].map(([, name = '']) => name)
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })

  it('links to what exists', () => {
    const links = [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
    const broken = links.filter((link) => !/^https?:/.test(link)).filter((link) => !leadsSomewhere(page, link))
    expect(broken).toEqual([])
  })

  it('names files that exist', () => {
    const named = [...read(page).matchAll(/`((?:src|test|bench|docs|migrations|scripts)\/[\w./-]+\.(?:ts|mjs|md))`/g)].map(
      ([, file = '']) => file,
    )
    // `test/connectors/<vendor>.test.ts` and its like hold a bracket and are not matched.
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })

  it('shows only configuration that is accepted', () => {
    for (const snippet of fenced(page, 'yaml')) expect(() => load(snippet), snippet).not.toThrow()
  })
})

describe('a snippet', () => {
  it('is looked for on the pages of the vendors', () => {
    expect(fenced('docs/vendors/mirakl.md', 'yaml')).toHaveLength(3)
  })

  it('with a mistake would be seen', () => {
    expect(() => load('shipstation:\n  api_key: ${SS_KEY}\n  api_secret: ${SS_SECRET}\n  on_cancle: hold')).toThrow(/on_cancel/)
  })
})

/** Every `isync ...` of a page, in words, without the program's own name: code in lines, blocks of shell, crontab lines. */
function commandLines(page: string): string[][] {
  const text = read(page)
  const spans = [...text.matchAll(/`(isync [^`\n]+)`/g)].map(([, span = '']) => span)
  const shell = [...fenced(page, 'sh'), ...(page.endsWith('.md') ? [] : [text])]
  const lines = shell.flatMap((block) => block.split('\n')).map((line) => line.replace(/(^|\s)#.*/, ''))
  const commands = [...spans, ...lines].flatMap((line) => line.split(/&&|\|\|?|;|&(?!\d)|>>|\$\(|[()]/))
  return commands.flatMap((command) => {
    const words = command.trim().split(/\s+/)
    const start = words.findIndex((word) => /(^|\/)isync$/.test(word))
    // `ln -s /opt/isync/bin/isync`, `mkdir ... isync`: a name, not a call.
    const calls = start === 0 || (start > 0 && words.slice(0, start).every((word) => /^[\d*/,-]+$/.test(word)))
    return calls && words.length > start + 1 && !words[start + 1]?.startsWith('-') ? [words.slice(start + 1)] : []
  })
}

/** A number that stands by itself, not one of a name or of an address. */
const figure = /(?<![\w.-])\d+(?:\.\d+)?(?![\w-])/g

/** A page from heading to heading. */
function sectionsOf(page: string): readonly string[] {
  return read(page).split(/^(?=## )/m)
}

function withoutComments(block: string): string {
  return block.replace(/(^|\s)#.*$/gm, '').replace(/[ \t]+$/gm, '')
}

function countsOf(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([found]) => found).sort()
}

function isync(...args: readonly string[]): string {
  return spawnSync(join(root, 'bin/isync'), args, { encoding: 'utf8' }).stdout
}

let names: readonly string[] | undefined
function commandNames(): readonly string[] {
  names ??= [...isync('--help').matchAll(/^ {2}([a-z][a-z:-]+) /gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'help' && name !== 'isync')
  return names
}

const options = new Map<string, ReadonlySet<string>>()
function optionsOf(name: string): ReadonlySet<string> {
  const known =
    options.get(name) ?? new Set([...isync(name, '--help').matchAll(/(?<=^ {2}.*)-{1,2}[a-z][a-z-]*/gm)].map(([word]) => word))
  options.set(name, known)
  return known
}

function fenced(page: string, language: string): string[] {
  if (!page.endsWith('.md')) return []
  return [...read(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, block = '']) => block)
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const file = path === '' ? join(root, page) : join(root, dirname(page), path)
  if (!existsSync(file)) return false
  if (anchor === undefined) return true
  const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  return headings.some(
    (heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replaceAll(' ', '-') === anchor,
  )
}

const whole: Readonly<Record<string, string>> = {
  encryption_keys: 'encryption_keys: ${ISYNC_KEYS}\n',
  channels: `channels:
  amazon-us: { type: amazon, region: na, marketplace_ids: [ATVPDKIKX0DER], seller_id: A1, shipstation_store_id: 1, credentials: { client_id: '\${A}', client_secret: '\${A}', refresh_token: '\${A}' } }
  ebay-us: { type: ebay, shipstation_store_id: 3, credentials: { app_id: '\${A}', cert_id: '\${A}', refresh_token: '\${A}' } }
  mirakl-macys:
    type: mirakl
    base_url: https://macys-prod.mirakl.net
    shipstation_store_id: 2
    credentials: { api_key: '\${A}' }
`,
  zoho: "zoho: { organization_id: '1', credentials: { client_id: '${A}', client_secret: '${A}', refresh_token: '${A}' } }\n",
  shipstation: "shipstation: { api_key: '${A}', api_secret: '${A}' }\n",
}

/** A snippet takes the place of its sections in a whole configuration; keys of a channel go to the end of the last one. */
function load(snippet: string): void {
  const sections = { ...whole }
  if (/^ {4}\S/.test(snippet)) sections['channels'] += snippet
  else for (const part of snippet.split(/^(?=[a-z_]+:)/m)) sections[/^[a-z_]+/.exec(part)?.[0] ?? ''] = part
  const text = Object.values(sections).join('')
  const file = join(folder, 'isync.config.yaml')
  writeFileSync(file, text)
  const references = Object.fromEntries(
    [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => [
      name,
      name.endsWith('_URL')
        ? 'https://host.example/key'
        : `${name.endsWith('_WHSEC') ? 'whsec_' : ''}someValueOfThirtyTwoLettersOrMore0`,
    ]),
  )
  loadConfig(
    { cwd: folder, flag: file, env: { ...references, ISYNC_KEYS: `k1:${randomBytes(32).toString('base64')}` } },
    channelTypes,
  )
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}
