import { describe, expect, it } from 'vitest'
import { printableConfig } from '../../../src/core/config/show.ts'
import { createScrubber } from '../../../src/core/privacy/scrub.ts'
import { aSmallFile, env, load } from './a-config.ts'

const [one, other] = ['first-token-of-forty-characters-00000001', 'second-token-of-forty-characters-0000002']
const config = load(aSmallFile({ rest: "webhooks: { shipstation: { token: '${HOOKS}' } }" }), {
  ...env,
  HOOKS: `${one}, ${other}`,
})

describe('a value that holds several secrets', () => {
  it('is a list of them', () => {
    expect(config.webhooks.shipstation?.token).toEqual([one, other])
  })

  it('is taken out of every text one by one, as it comes up in the address of a request', () => {
    const clean = createScrubber(config.secrets)
    expect(clean(`POST /webhooks/shipstation/${one} and /webhooks/shipstation/${other}`)).toBe(
      'POST /webhooks/shipstation/[secret] and /webhooks/shipstation/[secret]',
    )
  })

  it('is shown by none of them, only by how many they are', () => {
    const shown = printableConfig(config)
    expect(shown).toMatchObject({ webhooks: { shipstation: { token: ['[secret]', '[secret]'] } } })
    for (const secret of [one, other]) expect(JSON.stringify(shown)).not.toContain(secret)
  })
})
