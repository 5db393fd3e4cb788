import { describe, expect, it } from 'vitest'
import { projectFiles, read } from './files.ts'

interface Ban {
  readonly what: string
  readonly where: RegExp
  readonly except?: RegExp
  readonly word: RegExp
  readonly planted: string
}

/** What imports cannot tell: globals that are used where an argument belongs. */
const bans: readonly Ban[] = [
  {
    what: 'the network is reached through connectors/http alone, where limits, deadlines and the dry run are kept',
    where: /^src\/(core|commands|connectors|serve)\//,
    except: /^src\/connectors\/http\//,
    word: /(?<![.\w])fetch\(/,
    planted: 'const answer = await fetch(url)',
  },
  {
    what: 'core and connectors take the time as an argument',
    where: /^src\/(core|connectors)\//,
    word: /\bDate\.now\(|\bnew Date\(\)/,
    planted: 'const now = Date.now()',
  },
  {
    what: 'core and connectors take chance as an argument',
    where: /^src\/(core|connectors)\//,
    word: /\bMath\.random\(/,
    planted: 'const jitter = Math.random()',
  },
  {
    what: 'core and connectors take their settings from the configuration',
    where: /^src\/(core|connectors)\//,
    word: /\bprocess\.(env|argv|exit)\b/,
    planted: "if (process.env.DEBUG === '1') return",
  },
]

describe.each(bans)('$what', ({ where, except, word, planted }) => {
  it('everywhere', () => {
    const files = projectFiles().filter((file) => where.test(file) && !except?.test(file))
    expect(files.length).toBeGreaterThan(30)
    expect(files.filter((file) => word.test(withoutComments(read(file))))).toEqual([])
  })

  it('or this turns red', () => {
    expect(word.test(withoutComments(`${planted}\n`))).toBe(true)
  })
})

describe('an exported name', () => {
  it('is used somewhere', () => {
    const files = new Map(projectFiles().flatMap((file) => (/\.(ts|mjs)$/.test(file) ? [[file, read(file)] as const] : [])))
    const counts = new Map<string, number>()
    for (const text of files.values()) {
      for (const [word] of withoutComments(text).matchAll(/\w+/g)) counts.set(word, (counts.get(word) ?? 0) + 1)
    }
    const unused = [...files].flatMap(([file, text]) =>
      (file.startsWith('src/') ? namesExportedBy(text) : []).filter((name) => counts.get(name) === 1),
    )
    expect(unused).toEqual([])
  })

  it('is found where it is exported', () => {
    expect(
      namesExportedBy('export async function one() {}\nexport const two = 2\nexport interface Three {}\nconst four = 4'),
    ).toEqual(['one', 'two', 'Three'])
  })
})

function namesExportedBy(text: string): string[] {
  return [...text.matchAll(/^export (?:async )?(?:abstract )?(?:function\*?|const|let|class|interface|type) (\w+)/gm)].map(
    ([, name]) => name!,
  )
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(?<![:'"`])\/\/.*$/gm, '')
}
