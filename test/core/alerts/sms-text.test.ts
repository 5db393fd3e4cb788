import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { smsOf } from '../../../src/core/alerts/message.ts'
import { gsmText, septetsOf } from '../../../src/core/alerts/sms-text.ts'
import { anAlert } from '../../world/an-alert.ts'

describe('an SMS', () => {
  it.each<[string, number | undefined]>([
    ['isync', 5],
    ['a{b}', 6],
    ['€', 2],
    ['größe ÄÑ ñ', 10],
    ['日本', undefined],
    ['👍', undefined],
  ])('%s takes %s septets', (text, septets) => {
    expect(septetsOf(text)).toBe(septets)
  })

  it.each([
    ['“quotes” – and … dots', '"quotes" - and ... dots'],
    ['Łódź, São Paulo', '?odz, Sao Paulo'],
    ['done 👍', 'done ?'],
  ])('%s is written %s', (text, written) => {
    expect(gsmText(text, 160)).toBe(written)
  })

  it('is never longer than one segment and never leaves the alphabet', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.integer({ min: 10, max: 160 }), (text, longest) => {
        const septets = septetsOf(gsmText(text, longest))
        return septets !== undefined && septets <= longest
      }),
    )
  })

  it('keeps its command whole, whatever the alert says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 600 }), fc.boolean(), (message, more) => {
        const alert = { ...base, message }
        const sms = smsOf(more ? [item(alert), item(alert)] : [item(alert)])
        const septets = septetsOf(sms)
        expect(septets).toBeLessThanOrEqual(160)
        expect(sms.endsWith(more ? 'Run: isync alerts' : `Run: ${base.next}`)).toBe(true)
      }),
    )
  })
})

const base = anAlert({
  rule: 'orders-failing',
  channel: 'mirakl-the-longest-name',
  severity: 'critical',
  count: 52,
  next: 'isync retry --kind push --channel mirakl-the-longest-name',
})

function item(alert: Parameters<typeof smsOf>[0][number]['alert']) {
  return { kind: 'opened', alert } as const
}
