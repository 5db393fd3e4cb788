import type { Attack, Target } from './hostile-attacks.ts'
import { httpRequest, type Wire } from './hostile-raw.ts'
import { genuine, REQUEST_TIMEOUT_MS } from './hostile-world.ts'

/** The server looks at its connections once a second; the rest is for a machine that is busy. */
const CUT_WITHIN_MS = REQUEST_TIMEOUT_MS + 10_000
/** Of each kind, all at once. */
const EACH = 20
/** More bodies than the server takes at once. */
const HELD = 600

/** Connections that are held open by sending next to nothing. */
export function slowAttacks({ proofs, canary, now }: Target): readonly Attack[] {
  const { path, headers, body } = genuine.zoho(proofs, canary, now())
  const whole = httpRequest('POST', path, headers, body)
  const head = whole.length - body.length
  const kinds: readonly (readonly [kind: string, wire: Wire])[] = [
    ['nothing at all', []],
    ['headers byte by byte', drip(whole.subarray(0, head))],
    ['one more header each second', [whole.subarray(0, head - 2), ...drip(Buffer.from('x-a: b\r\n'.repeat(20)))]],
    ['a body byte by byte', [whole.subarray(0, head), ...drip(body)]],
    [
      'chunks without end',
      [
        httpRequest('GET', path, { ...headers, 'transfer-encoding': 'chunked' })
          .toString('latin1')
          .replace('GET', 'POST'),
        ...drip(Buffer.from('1\r\na\r\n'.repeat(20))),
      ],
    ],
  ]
  const held: Wire = [whole.subarray(0, head)]
  const all = [
    ...kinds.flatMap((kind) => Array.from({ length: EACH }, () => kind)),
    ...Array.from({ length: HELD }, () => ['held', held] as const),
  ]
  return all.map(([kind, wire]) => ({ kind: `slow: ${kind}`, wire, expected: [408, 429], withinMs: CUT_WITHIN_MS }))
}

/** One byte a second. */
function drip(bytes: Buffer): Wire {
  return [...bytes].slice(0, 60).flatMap((byte) => [Buffer.from([byte]), { pauseMs: 1_000 }])
}
