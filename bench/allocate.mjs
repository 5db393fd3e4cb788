import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bare, fourChannels, intoColumns } from './support/allocation.mjs'
import { interleaved, processTime } from './support/measure.mjs'
import { isync } from './support/world.mjs'

export const name = 'allocate'

const SKUS = 1_000_000

/** A million SKUs on four channels against a loop that only computes; what they leave on the heap; the start of a what-if. */
export async function run() {
  return [...(await passes()), heap(), ...(await starts())]
}

async function passes() {
  const total = { ...fourChannels, capScope: 'total' }
  if (intoColumns(SKUS) !== bare(SKUS)) throw new Error('the bare loop and the allocation do not agree')
  const took = await interleaved({
    bare: () => timed(() => bare(SKUS)),
    apart: () => timed(() => intoColumns(SKUS)),
    total: () => timed(() => intoColumns(SKUS, total)),
  })
  const row = (what, measured, most) => {
    const extra = `${((measured * 1e6) / SKUS).toFixed(0)} ns a SKU`
    return { what, measured, baseline: took.bare, unit: 'ms', most, extra }
  }
  return [row('1,000,000 SKUs x 4 channels', took.apart, 10), row('the same under a total cap', took.total, 60)]
}

function heap() {
  const script = join(import.meta.dirname, 'support/allocation-heap.mjs')
  const roomy = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256']
  const { columns, objects } = JSON.parse(execFileSync(process.execPath, [...roomy, script], { encoding: 'utf8' }))
  const what = 'heap growth per SKU into columns, against with explanations'
  return { what, measured: columns, baseline: objects, unit: 'B', most: 0.01 }
}

async function starts() {
  const folder = mkdtempSync(join(tmpdir(), 'isync-bench-'))
  const words = ['alloc:preview', '--available', '10', '--ratio', 'amazon-us=2.0']
  try {
    const took = await interleaved({
      node: () => processTime(process.execPath, ['-e', '0']),
      table: () => processTime(isync, words, { cwd: folder }),
      json: () => processTime(isync, [...words, '--json'], { cwd: folder }),
    })
    const row = (what, measured) => ({ what, measured, baseline: took.node, unit: 'ms', most: 2.0 })
    return [
      row('isync alloc:preview --available, the whole process', took.table),
      row('isync alloc:preview --available --json, the whole process', took.json),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function timed(work) {
  const begin = performance.now()
  work()
  return performance.now() - begin
}
