import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OperatorError } from '../../../src/core/errors.ts'
import { aFolder, env, load, problemsOf, wholeFile } from './a-config.ts'

const folder = aFolder()

/** The loader's verdict: accepted, or refused as an operator error. Anything else is a bug and fails the test. */
function verdictOn(text: string | Uint8Array): 'accepted' | 'refused' {
  try {
    load(text, env, folder)
    return 'accepted'
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    expect(error.exitCode).toBe(2)
    expect(error.why).not.toMatch(/canary|\n\s+at |node_modules|\[object/)
    return 'refused'
  }
}

const noise = fc.oneof(
  fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ': ',
    ',',
    '"',
    "'",
    '\n',
    '\t',
    '  ',
    '- ',
    '? ',
    '&a',
    '*a',
    '!x',
    '|',
    '>',
    '#',
    '%',
    '---\n',
    '${',
    '}',
    '<<',
    '\0',
  ),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'null',
    '~',
    '\ufeff',
    '\ud800',
    '\u2028',
    '1e999',
    '-0',
    '.nan',
    '${ISYNC_KEYS}',
    'NaN',
  ),
  fc.string({ maxLength: 8, unit: 'binary' }),
)

const edit = fc.record({ at: fc.nat(wholeFile.length), cut: fc.nat(30), put: noise })

function edited(edits: readonly { readonly at: number; readonly cut: number; readonly put: string }[]): string {
  let text = wholeFile
  for (const { at, cut, put } of edits) text = text.slice(0, at) + put + text.slice(at + cut)
  return text
}

describe('any file at all', () => {
  it('made by mutating a good one is accepted, or refused with exit code 2 and no secret', () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => void verdictOn(edited(edits))),
      { numRuns: 600 },
    )
  })

  it('made of random bytes is refused with exit code 2', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void expect(verdictOn(bytes)).toBe('refused')),
      { numRuns: 150 },
    )
  })

  it('made of random JSON is refused with exit code 2', () => {
    const tree = fc.json({ maxDepth: 5 })
    const wrapped = tree.map(
      (json) => `{"channels": {"a": ${json}}, "shipstation": ${json}, "encryption_keys": ${json}, "retry": ${json}}`,
    )
    fc.assert(
      fc.property(fc.oneof(tree, wrapped), (text) => void expect(verdictOn(text)).toBe('refused')),
      { numRuns: 250 },
    )
  })

  it.each([
    ['a million brackets', '['.repeat(1_000_000), 'is larger than 256 kB'],
    ['ten thousand brackets', '['.repeat(10_000), ''],
    ['ten thousand closed brackets', `a: ${'['.repeat(10_000)}${']'.repeat(10_000)}`, ''],
    ['ten thousand dashes', '- '.repeat(10_000), ''],
    ['a nest of twenty sections', `a: ${'{b: '.repeat(20)}1${'}'.repeat(20)}`, 'is nested too deeply'],
    [
      'a billion laughs',
      ['l0: &l0 [x]', ...Array.from({ length: 30 }, (_, i) => `l${i + 1}: &l${i + 1} [*l${i}, *l${i}, *l${i}]`)].join('\n'),
      'is nested too deeply or holds too many values',
    ],
    ['an alias of itself', 'a: &a [*a]', ''],
    ['bytes that are not UTF-8', Uint8Array.of(0x61, 0x3a, 0x20, 0xff), 'is not UTF-8 text'],
    ['a list', '- a\n- b', 'must be a section of keys'],
    ['two documents', 'a: 1\n---\nb: 2', 'more than one document'],
    ['a tab', 'channels:\n\ta: 1', 'a tab cannot indent a line'],
    ['a prototype', '__proto__: { polluted: yes }', 'holds a key that cannot be used as a name'],
    ['a list as a key', '? [a]\n: 1', 'holds a key that cannot be used as a name'],
    ['an unknown tag', 'channels: !!js/function x', 'tags (!name) have no meaning here'],
  ])('that is %s is refused quickly, in a few lines', (_name, text, message) => {
    const started = performance.now()
    const problems = problemsOf(text, env, folder)
    expect(performance.now() - started).toBeLessThan(4000)
    expect(problems.length).toBeLessThan(80)
    expect(problems.join('\n')).toContain(message)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })
})
