import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { channelTypes } from '../../../src/connectors/index.ts'
import { configurationReference } from '../../../src/core/config/reference.ts'

describe('the configuration reference', () => {
  const reference = configurationReference(channelTypes)

  it('in docs/configuration.md is the one that the schema makes', () => {
    expect(readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')).toBe(reference)
  })

  it('has a line with value, default and meaning for every key', () => {
    for (const key of [
      'database',
      'encryption_keys',
      'ratio',
      'credentials.refresh_token',
      'first_pull_days',
      'payload_days',
      'rate_limit_per_minute',
    ]) {
      expect(reference).toMatch(new RegExp(`^\\| \`${key.replace('.', '\\.')}\` \\| [^|]+ \\| [^|]+ \\| [^|]+ \\|$`, 'm'))
    }
    expect(reference).not.toMatch(/undefined|\[object/)
  })

  it('leaves no sender of webhooks out because a section at the top has its name', () => {
    const webhooks = /^## webhooks\n([^#]*)/m.exec(reference)?.[1] ?? ''
    expect([...webhooks.matchAll(/^\| `([a-z_.]+)`/gm)].map(([, key]) => key)).toEqual([
      'shipstation.token',
      'zoho.secret',
      'zoho.key',
      'zoho.trust_body',
      'ebay.verification_token',
      'amazon.key',
      'orders',
      'refused_per_hour',
    ])
  })
})
