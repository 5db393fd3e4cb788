import { spawn } from 'node:child_process'

/** @typedef {{ what: string, measured: number, baseline: number, unit: string, most?: number, least?: number, extra?: string }} Row */

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * Runs the cases in turn, round after round, so that whatever else the machine does hits all of them alike.
 * `cases` maps a name to an async function that returns a number. Answers name -> median. The first round is thrown away.
 */
export async function interleaved(cases, rounds = 15) {
  const seen = Object.fromEntries(Object.keys(cases).map((name) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    for (const [name, run] of Object.entries(cases)) {
      const value = await run()
      if (round >= 0) seen[name].push(value)
    }
  }
  return Object.fromEntries(Object.entries(seen).map(([name, values]) => [name, median(values)]))
}

/** Milliseconds from spawn to exit. Rejects when the program fails, since a fast failure is no result. */
export function processTime(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const begin = performance.now()
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], ...options })
    let said = ''
    child.stderr?.on('data', (chunk) => {
      said += chunk
    })
    child.on('error', reject)
    child.on('exit', (code) => {
      const tookMs = performance.now() - begin
      if (code === 0) resolve(tookMs)
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}: ${said}`))
    })
  })
}
