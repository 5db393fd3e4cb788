/**
 * Records of a file with semicolons (section 6). Cells may stand in quotation marks, doubled within; a line break outside them ends a record,
 * and empty lines are none. Undefined when a quotation mark is never closed.
 */
export function readCsv(text: string): readonly (readonly string[])[] | undefined {
  const records: string[][] = []
  let record: string[] = []
  let i = text.startsWith('\uFEFF') ? 1 : 0
  while (i < text.length) {
    const cell = text[i] === '"' ? quotedCell(text, i) : plainCell(text, i)
    if (cell === undefined) return undefined
    record.push(cell.value)
    i = cell.end
    if (text[i] === ';') {
      i += 1
      // A separator at the very end of the file has one more, empty cell behind it.
      if (i === text.length) record.push('')
      continue
    }
    if (record.length > 1 || record[0] !== '') records.push(record)
    record = []
    i += text.startsWith('\r\n', i) ? 2 : 1
  }
  if (record.length > 0) records.push(record)
  return records
}

interface Cell {
  readonly value: string
  /** Where the separator, the line break or the end of the text is. */
  readonly end: number
}

function plainCell(text: string, start: number): Cell {
  END.lastIndex = start
  const end = END.exec(text)?.index ?? text.length
  return { value: text.slice(start, end), end }
}

const END = /[;\r\n]/g

function quotedCell(text: string, start: number): Cell | undefined {
  let value = ''
  for (let from = start + 1; ; ) {
    const quote = text.indexOf('"', from)
    if (quote < 0) return undefined
    value += text.slice(from, quote)
    if (text[quote + 1] !== '"') {
      const rest = plainCell(text, quote + 1)
      return { value: value + rest.value, end: rest.end }
    }
    value += '"'
    from = quote + 2
  }
}

export function writeCsv(records: readonly (readonly string[])[]): string {
  const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`
  return records.map((record) => `${record.map(quoted).join(';')}\n`).join('')
}
