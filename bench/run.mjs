// `npm run bench [-- NAME...] [-- --json] [-- --check] [-- --save]`
//
// Every module in this folder is one benchmark: `export const name`, `export async function run()` answering rows
// `{ what, measured, baseline, unit, most?, least?, extra? }`. Only the ratio measured/baseline is worth comparing between
// machines; `most` and `least` are its targets. --check turns a missed target into exit code 1. --save keeps the results, one line each,
// in bench/history.jsonl.
import { appendFileSync, readdirSync } from 'node:fs'
import os from 'node:os'
import { basename, join } from 'node:path'

const here = import.meta.dirname
const flags = process.argv.slice(2).filter((word) => word.startsWith('--'))
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'))

const benches = []
for (const file of readdirSync(here).filter((file) => file.endsWith('.mjs') && file !== basename(import.meta.filename))) {
  benches.push(await import(join(here, file)))
}
const unknown = wanted.filter((name) => !benches.some((bench) => bench.name === name))
if (unknown.length > 0) {
  process.stderr.write(`no benchmark ${unknown.join(', ')}; there are ${benches.map(({ name }) => name).join(', ')}\n`)
  process.exit(2)
}

const results = []
let broken = false
for (const bench of benches.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  try {
    const rows = await bench.run()
    const judged = rows.map((row) => ({ bench: bench.name, ...row, ratio: row.measured / row.baseline, ok: isMet(row) }))
    results.push(...judged)
    // At once: some take many minutes, and whoever ends the rest loses nothing of these.
    if (flags.includes('--save')) save(judged)
  } catch (error) {
    broken = true
    process.stderr.write(`${bench.name}: ${error.stack}\n`)
  }
}

if (flags.includes('--json')) process.stdout.write(`${JSON.stringify({ machine: machine(), results })}\n`)
else printTable()
if (broken || (flags.includes('--check') && results.some(({ ok }) => ok === false))) process.exitCode = 1

function isMet({ measured, baseline, most, least }) {
  if (most === undefined && least === undefined) return undefined
  const ratio = measured / baseline
  return ratio <= (most ?? Number.POSITIVE_INFINITY) && ratio >= (least ?? 0)
}

function printTable() {
  const head = ['benchmark', 'what', 'measured', 'baseline', 'ratio', 'target', '', '']
  const rows = results.map((row) => [
    row.bench,
    row.what,
    `${shown(row.measured)} ${row.unit}`,
    `${shown(row.baseline)} ${row.unit}`,
    row.ratio.toFixed(2),
    [row.most === undefined ? '' : `<= ${round(row.most)}`, row.least === undefined ? '' : `>= ${round(row.least)}`]
      .join(' ')
      .trim(),
    row.ok === undefined ? '' : row.ok ? 'met' : 'MISSED',
    row.extra ?? '',
  ])
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)))
  for (const row of [head, ...rows])
    process.stdout.write(
      `${row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd()}\n`,
    )
  process.stdout.write(`\n${machine()}\n`)
}

function shown(value) {
  return value >= 1000 ? Math.round(value).toString() : value.toPrecision(3)
}

function machine() {
  return `Node ${process.versions.node}, ${os.cpus().length} x ${os.cpus()[0]?.model ?? 'unknown CPU'}, load ${os.loadavg()[0].toFixed(2)}`
}

function round(target) {
  return Number(target.toFixed(2)).toString()
}

function save(rows) {
  const lines = rows.map((row) => `${JSON.stringify({ at: new Date().toISOString(), machine: machine(), ...row })}\n`)
  appendFileSync(join(here, 'history.jsonl'), lines.join(''))
}
