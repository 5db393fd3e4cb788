import { expect, it } from 'vitest'
import { projectFiles, read } from './files.ts'

/** SQL that changes or takes away rows of the table `events`, or of one whose name a variable holds. */
const changing = /\b(?:update|delete\s+from|truncate|drop\s+table(?:\s+if\s+exists)?)\s+(?:events\b|\$\{)/i

/** The only ones that name their table by a variable, and what keeps each of them from events, or from young ones. */
const checked: Readonly<Record<string, string>> = {
  'src/core/db/journals.ts': 'deletes what is older than its limit, which retention/rules.ts keeps at 400 days for events',
  'src/core/db/sealed.ts': 'changes the columns of sealedColumns, none of which is of events',
}

it('events are only ever added: nothing but the purge of old ones changes or deletes them', () => {
  const sources = projectFiles().filter(
    (file) => file.startsWith('src/') && !file.startsWith('src/sandbox/') && file.endsWith('.ts'),
  )
  const found = sources.filter((file) => changing.test(read(file)))
  expect(found.sort()).toEqual(Object.keys(checked).sort())
  expect(read('src/core/db/sealed.ts')).not.toMatch(/table: 'events'/)
})

it('such a statement would be seen', () => {
  expect(changing.test('await tx.run(`update events set actor = ? where id = ?`)')).toBe(true)
  expect(changing.test("'delete from events where at < ?'")).toBe(true)
  expect(changing.test('insert into events (id) values (?)')).toBe(false)
})
