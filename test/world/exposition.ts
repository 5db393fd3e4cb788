/** One line of figures in the text format of Prometheus, version 0.0.4. */
interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const nameForm = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const labelForm = '([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\\\\n]|\\\\["\\\\n])*)"'
const sampleLine = new RegExp(`^(${nameForm})(?:\\{(${labelForm}(?:,${labelForm})*,?)?\\})? (\\S+)$`)

/** Reads figures as strictly as the format allows: one block per family, its type first, no sample twice, all of it understood. */
export function parseExposition(text: string): readonly Sample[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  const samples: Sample[] = []
  const types = new Map<string, string>()
  const seen = new Set<string>()
  let current: string | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue
    const [, keyword, name = '', rest = ''] = new RegExp(`^# (HELP|TYPE) (${nameForm}) (.+)$`).exec(line) ?? []
    if (line.startsWith('#')) {
      if (keyword === undefined) throw new Error(`not understood: ${line}`)
      if (keyword === 'TYPE' && !['gauge', 'counter'].includes(rest)) throw new Error(`unknown type: ${line}`)
      if (keyword === 'TYPE' && types.has(name)) throw new Error(`a family in two places: ${name}`)
      if (keyword === 'TYPE') types.set(name, rest)
      current = name
      continue
    }
    const sample = sampleOf(line)
    if (sample.name !== current || !types.has(sample.name)) throw new Error(`outside of its family: ${line}`)
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).toSorted()])
    if (seen.has(key)) throw new Error(`there twice: ${line}`)
    seen.add(key)
    samples.push(sample)
  }
  return samples
}

/** Undefined: there is no such sample. */
export function figureOf(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>>): number | undefined {
  const wanted = JSON.stringify(Object.entries(labels).toSorted())
  return samples.find((one) => one.name === name && JSON.stringify(Object.entries(one.labels).toSorted()) === wanted)?.value
}

function sampleOf(line: string): Sample {
  const [, name, labels = ''] = sampleLine.exec(line) ?? []
  const text = line.slice(line.lastIndexOf(' ') + 1)
  const value = Number(text)
  if (name === undefined || text === '' || Number.isNaN(value)) throw new Error(`not understood: ${line}`)
  const pairs = [...labels.matchAll(new RegExp(labelForm, 'g'))].map(([, key = '', quoted = '']): [string, string] => [
    key,
    quoted.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character)),
  ])
  if (new Set(pairs.map(([key]) => key)).size !== pairs.length) throw new Error(`a label twice: ${line}`)
  return { name, labels: Object.fromEntries(pairs), value }
}
