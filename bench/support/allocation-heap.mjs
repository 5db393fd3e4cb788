// Started by bench/allocate.mjs in a process whose young space holds all that a pass leaves behind: bytes per SKU on stdout.
import { inObjects, intoColumns } from './allocation.mjs'

const SKUS = 100_000

process.stdout.write(JSON.stringify({ columns: bytesPerSku(intoColumns), objects: bytesPerSku(inObjects) }))

function bytesPerSku(pass) {
  // Twice, so that only compiled code is measured.
  pass(10 * SKUS)
  pass(10 * SKUS)
  globalThis.gc()
  const before = process.memoryUsage().heapUsed
  pass(SKUS)
  return (process.memoryUsage().heapUsed - before) / SKUS
}
