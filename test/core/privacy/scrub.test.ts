import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printable } from '../../../src/core/privacy/printable.ts'
import { createScrubber } from '../../../src/core/privacy/scrub.ts'

const key = 'canary-key-0123456789'
const secret = 'canary/secret+with spaces&"quotes"'
const scrub = createScrubber([key, secret, 'canary', 'abc'])

describe('the scrubber', () => {
  it.each([
    ['plain', `key=${key};`, 'key=[secret];'],
    ['encoded for a URL', `https://v.example/?s=${encodeURIComponent(secret)}&x=1`, 'https://v.example/?s=[secret]&x=1'],
    ['encoded for a form', new URLSearchParams({ s: secret, x: '1' }).toString(), 's=[secret]&x=1'],
    ['inside JSON', JSON.stringify({ s: secret }), '{"s":"[secret]"}'],
    ['as a Basic pair', `x ${Buffer.from(`${key}:${secret}`).toString('base64')} y`, 'x [secret] y'],
    [
      'as a Basic header',
      `Authorization: Basic ${Buffer.from('unknown:pair').toString('base64')}`,
      'Authorization: Basic [secret]',
    ],
    ['as an unknown bearer token', 'authorization: Bearer eyJhbGciOi.J9.x-y_z', 'authorization: Bearer [secret]'],
    ['as an Amazon access token', '{"access_token":"Atza|IwEBIJ-canary_token"}', '{"access_token":"[secret]"}'],
    ['as an Amazon refresh token', 'refresh_token=Atzr%7CIwEBIabcdefgh&grant', 'refresh_token=[secret]&grant'],
    ['as a Zoho token', 'Zoho-oauthtoken 1000.abcdef.012345', 'Zoho-oauthtoken [secret]'],
    ['as an eBay token', '"v^1.1#i^1#f^0#r^0#p^3#I^3#t^H4sIAAAA"', '"[secret]"'],
  ])('takes out a secret %s', (_form, text, clean) => {
    expect(scrub(text)).toBe(clean)
  })

  it('takes out the longer of two secrets of which one begins with the other', () => {
    expect(scrub(`${key} canary`)).toBe('[secret] [secret]')
  })

  it('leaves words alone, and secrets too short to be one', () => {
    const line = '{"level":"info","msg":"abc stored 12 orders","channel":"basic-shop"}'
    expect(scrub(line)).toBe(line)
  })

  it('lets no secret through, whatever stands around it', () => {
    const anySecret = fc.string({ minLength: 6, maxLength: 40, unit: 'grapheme' }).filter((text) => text.trim().length >= 6)
    fc.assert(
      fc.property(anySecret, fc.string(), fc.string(), (value, before, after) => {
        const clean = createScrubber([value])
        fc.pre(!'[secret]'.includes(value) && !before.includes(value) && !after.includes(value))
        expect(clean(JSON.stringify({ text: `${before} ${value} ${after}` }))).not.toContain(JSON.stringify(value).slice(1, -1))
        expect(clean(`https://v.example/?k=${encodeURIComponent(value)}`)).not.toContain(`k=${encodeURIComponent(value)}`)
      }),
    )
  })

  it('costs microseconds when there is nothing to take out', () => {
    const many = createScrubber(Array.from({ length: 40 }, (_, index) => `secret-number-${index}-of-forty`))
    const line = `{"level":"info","msg":"${'an order was stored '.repeat(15)}"}`
    const started = performance.now()
    for (let turn = 0; turn < 2000; turn++) many(line)
    expect((performance.now() - started) / 2000).toBeLessThan(0.5)
  })
})

describe('a printable text', () => {
  it.each([
    ['a colour', 'a\u001b[31mred\u001b[0m', 'a[31mred[0m'],
    ['a link', '\u001b]8;;http://evil.example\u0007click\u001b]8;;\u0007', ']8;;http://evil.exampleclick]8;;'],
    ['C1 controls', 'a\u009b31mb\u0085c', 'a31mb c'],
    ['turned reading direction', 'abc\u202egnp.exe\u2066', 'abcgnp.exe'],
    ['line breaks and tabs', 'Jane\r\n\tDoe', 'Jane Doe'],
    ['half a pair', 'a\ud800b', 'ab'],
    ['nothing bad', 'Zoë 李雷 👩‍👩‍👧 نام‌ها', 'Zoë 李雷 👩‍👩‍👧 نام‌ها'],
  ])('with %s is safe to show', (_name, text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  it('never holds a control character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => void expect(printable(text)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u),
      ),
    )
  })
})
