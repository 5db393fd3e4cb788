import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { chunksIn, sweep } from '../../scripts/sweep.mjs'

const HOUR = 3_600_000
const now = Date.UTC(2026, 10, 21, 12)

it('a server that was started weeks ago still finds its chunks after the next build, for an hour', () => {
  const dist = mkdtempSync(join(tmpdir(), 'isync-sweep-'))
  onTestFinished(() => rmSync(dist, { recursive: true }))
  const put = (name: string, at: number, text = '') => {
    writeFileSync(join(dist, name), text)
    utimesSync(join(dist, name), at / 1000, at / 1000)
  }
  const chunks = () => readdirSync(dist).sort()
  expect([...chunksIn(dist)]).toEqual([])
  const weeksAgo = now - 500 * HOUR
  for (const name of ['a-1.js', 'a-1.js.map', 'older-1.js']) put(name, weeksAgo)
  put('contents.json', weeksAgo, '{"a-1.js":[]}')

  const previous = new Set(chunksIn(dist))
  put('a-2.js', now)
  put('contents.json', now, '{"a-2.js":[]}')
  sweep(dist, new Set(['a-2.js', 'contents.json']), previous, now)
  expect(chunks()).toEqual(['a-1.js', 'a-1.js.map', 'a-2.js', 'contents.json'])

  // Built again at once, and then much later.
  sweep(dist, new Set(['a-2.js', 'contents.json']), new Set(chunksIn(dist)), now + HOUR / 2)
  expect(chunks()).toContain('a-1.js')
  sweep(dist, new Set(['a-2.js', 'contents.json']), new Set(chunksIn(dist)), now + 2 * HOUR)
  expect(chunks()).toEqual(['a-2.js', 'contents.json'])
})
