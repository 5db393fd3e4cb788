import { printable } from '../privacy/printable.ts'

/**
 * What the report's mail is put together from. Bars are cells of tables with a ground of their own: mail clients take images from elsewhere and
 * SVG away. Text and ground are given together; a client that knows `prefers-color-scheme` gets a dark page.
 */
const light = { page: '#f4f5f7', card: '#ffffff', text: '#1c1f23', quiet: '#5b6169', line: '#e3e6ea' } as const

export const colours = {
  half: '#2f6fb3',
  most: '#9dc1e6',

  critical: '#b3261e',
  warning: '#8a5300',
  good: '#1b6e3c',
} as const

const dark = `@media (prefers-color-scheme:dark){.page{background:#16181b!important;color:#e7e9ec!important}
.card{background:#212429!important;color:#e7e9ec!important;border-top-color:#3a3f46!important;border-right-color:#3a3f46!important;border-bottom-color:#3a3f46!important}
.plain{border-left-color:#3a3f46!important}
.quiet,.r th{color:#a9b0b8!important}.code{background:#121417!important;color:#e7e9ec!important}
.r td,.r th{border-color:#343940!important}.half{background:#5b9be0!important}.most{background:#31527a!important}.rest{background:#2b2f35!important}
.bad{color:#ff9b93!important}.good{color:#7ed6a0!important}}`

const rules = `.r{border-collapse:collapse;width:100%;font-size:13px}.r td,.r th{padding:4px 8px 4px 0;border-bottom:1px solid ${light.line};text-align:left;vertical-align:top;font-weight:normal}
.r th{color:${light.quiet};vertical-align:bottom;font-size:12px}.r .n{text-align:right;padding-right:12px;font-variant-numeric:tabular-nums}.r td.n{white-space:nowrap}.r .w{overflow-wrap:anywhere;min-width:5.5em}.r tr.sum td{font-weight:bold}.b{margin-top:4px}.z,.r td.z{padding:0!important;border:0!important;font-size:0;line-height:0}
@media (max-width:520px){.page{padding:6px!important}.in{padding:10px!important}.r{font-size:12px!important}.r th{font-size:11px!important}.r td,.r th,.r .n{padding-right:5px!important}}`

/** A whole mail. `body`: cards. */
export function page(subject: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>${escaped(subject)}</title>
<style>${rules}
${dark}</style></head>
<body class="page" style="margin:0;padding:16px;background:${light.page};color:${light.text};font:15px/1.45 -apple-system,'Segoe UI',Roboto,Arial,sans-serif">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:760px">
${body}
</table></td></tr></table></body></html>`
}

/** A card with a title; nothing for no content. */
export function card(title: string, content: string, edge?: string): string {
  if (content === '') return ''
  const border = edge === undefined ? '' : `;border-left:5px solid ${edge}`
  const head = title === '' ? '' : `<div style="font-weight:bold;margin:0 0 8px">${escaped(title)}</div>`
  return `<tr><td style="padding:0 0 12px"><table role="presentation" class="card${edge === undefined ? ' plain' : ''}" width="100%" cellpadding="0" cellspacing="0" style="background:${light.card};color:${light.text};border:1px solid #d9dce1${border}"><tr><td class="in" style="padding:14px 16px">
${head}${content}
</td></tr></table></td></tr>`
}

/** Small and pale. */
export function quiet(text: string): string {
  return `<div class="quiet" style="color:${light.quiet};font-size:13px">${escaped(text)}</div>`
}

/** Numbers side by side, each above what it counts. */
export function tiles(numbers: readonly (readonly [number: string, what: string])[]): string {
  const width = Math.floor(100 / Math.max(1, numbers.length))
  const cells = numbers.map(
    ([number, what]) =>
      `<td width="${width}%" valign="top" style="padding-right:12px"><div style="font-size:24px;line-height:1.2;font-weight:bold">${escaped(number)}</div>${quiet(what)}</td>`,
  )
  return `<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr>${cells.join('')}</tr></table>`
}

/** A cell: text; a number as it is to be read; or HTML that is made here. */
export type Cell = string | { readonly number: string } | { readonly html: string }

/** A table with a head; nothing for no rows. `sum`: the last row is the sum of the others. */
export function grid(
  head: readonly (string | { readonly html: string })[],
  rows: readonly (readonly Cell[])[],
  sum = false,
): string {
  const [first] = rows
  if (first === undefined) return ''
  const right = first.map((cell) => typeof cell === 'object' && 'number' in cell)
  const heads = head.map(
    (name, column) => `<th${right[column] ? ' class="n"' : ''}>${typeof name === 'string' ? escaped(name) : name.html}</th>`,
  )
  const lines = rows.map((row, place) => {
    const last = sum && place === rows.length - 1
    return `<tr${last ? ' class="sum"' : ''}>${row.map(cellHtml).join('')}</tr>`
  })
  return `<table class="r"><tr>${heads.join('')}</tr>\n${lines.join('\n')}</table>`
}

function cellHtml(cell: Cell): string {
  if (typeof cell === 'string') return `<td class="w">${escaped(cell)}</td>`
  return 'html' in cell ? `<td>${cell.html}</td>` : `<td class="n">${escaped(cell.number)}</td>`
}

const BAR = 150
const TABLE = '<table role="presentation" cellpadding="0" cellspacing="0"'
const EMPTY = '#e8ebef'

/** A bar of two parts, `half` within `most`; both as shares of the longest bar. */
export function bar(half: number, most: number): string {
  const end = pixels(most)
  const middle = Math.min(end, pixels(half))
  const parts = `${part(middle, 'half', colours.half)}${part(end - middle, 'most', colours.most)}`
  return parts === '' ? '' : `${TABLE} class="b"><tr>${parts}</tr></table>`
}

/** What the two parts of {@link bar} are. */
export function legend(half: string, most: string): string {
  const swatch = (name: string, colour: string, text: string) =>
    `<span class="${name}" style="display:inline-block;width:9px;height:9px;background:${colour}"></span> ${escaped(text)}`
  return `${swatch('half', colours.half, half)} &nbsp;${swatch('most', colours.most, most)}`
}

/** A filled part of a frame, red once it is nearly full; `share` may be more than 1. */
export function gauge(share: number): string {
  const full = pixels(share)
  const used = share >= 0.9 ? part(full, 'full', colours.critical) : part(full, 'half', colours.half)
  return `${TABLE} class="b"><tr>${used}${part(BAR - full, 'rest', EMPTY)}</tr></table>`
}

function part(width: number, name: string, colour: string): string {
  return width === 0 ? '' : `<td class="z ${name}" width="${width}" height="10" bgcolor="${colour}"></td>`
}

/** What is there is seen, however little it is. */
function pixels(share: number): number {
  return share <= 0 ? 0 : Math.max(2, Math.round(Math.min(1, share) * BAR))
}

const COLUMN_HEIGHT = 64

/** One column for each value, the highest as high as the chart; a label below every third. */
export function columns(values: readonly { readonly label: string; readonly value: number }[]): string {
  const most = Math.max(0, ...values.map(({ value }) => value))
  if (most === 0) return ''
  const cells = values.map(({ value, label }) => {
    const height = value === 0 ? 1 : Math.max(3, Math.round((value * COLUMN_HEIGHT) / most))
    const [name, ground] = value === 0 ? ['rest', EMPTY] : ['half', colours.half]
    const column = `<td class="z ${name}" height="${height}" bgcolor="${ground}" style="height:${height}px"></td>`
    return `<td valign="bottom" style="padding:0 1px" title="${escaped(label)}: ${value}">${TABLE} width="100%"><tr>${column}</tr></table></td>`
  })
  const labels: string[] = []
  for (let place = 0; place < values.length; place += 3)
    labels.push(
      `<td class="quiet" colspan="${Math.min(3, values.length - place)}" style="color:${light.quiet};font-size:11px;padding:2px 1px 0">${escaped(values[place]?.label ?? '')}</td>`,
    )
  return `${TABLE} width="100%" style="table-layout:fixed"><tr>${cells.join('')}</tr><tr>${labels.join('')}</tr></table>`
}

/** A command to copy. */
export function code(command: string): string {
  return `<span class="code" style="background:#eef0f3;color:${light.text};padding:1px 5px;font:12px/1.6 ui-monospace,Consolas,monospace;overflow-wrap:anywhere">${escaped(command)}</span>`
}

export function escaped(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
