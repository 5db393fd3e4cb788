import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Answers, exampleAnswers } from '../../src/commands/init/answers.ts'
import type { Ask } from '../../src/commands/init/ask.ts'
import { configText } from '../../src/commands/init/config-text.ts'
import { askAll } from '../../src/commands/init/questions.ts'
import { envText, secretGroups } from '../../src/commands/init/secrets.ts'
import { channelTypes } from '../../src/connectors/index.ts'
import { loadConfig } from '../../src/core/config/load.ts'
import { newKey } from '../../src/core/privacy/keys.ts'

const keyring = newKey()

/** Answers in the order of the questions. A text that is not accepted is followed by the next one, as a person would try again. */
function person(answers: readonly unknown[]): { readonly ask: Ask; readonly refused: string[] } {
  const left = [...answers]
  const refused: string[] = []
  const next = () => left.shift() as never
  const ask: Ask = {
    async text(_question, { default: byDefault, check }) {
      for (;;) {
        const answer = String(next() ?? byDefault)
        const verdict = check(answer)
        if (verdict === true) return answer
        refused.push(verdict)
      }
    },
    secret: async () => next(),
    one: async () => next(),
    several: async () => next(),
    yes: async () => next(),
  }
  return { ask, refused }
}

it('an operator is asked for accounts and database, and never for a credential', async () => {
  const { ask } = person([
    ['amazon', 'mirakl'],
    'na',
    ['ATVPDKIKX0DER'],
    'A1REAL',
    undefined,
    '101',
    false,
    'https://macys-prod.mirakl.net',
    '2001',
    true,
    undefined,
    '103',
    false,
    true,
    'com',
    '10234695',
    'sqlite',
  ])

  expect(await askAll(ask)).toEqual({
    channels: [
      { type: 'amazon', code: 'amazon-us', region: 'na', marketplaceIds: ['ATVPDKIKX0DER'], sellerId: 'A1REAL', storeId: 101 },
      {
        type: 'mirakl',
        code: 'mirakl-macys',
        baseUrl: 'https://macys-prod.mirakl.net',
        shopId: 2001,
        autoAccept: true,
        storeId: 103,
      },
    ],
    zoho: { dataCenter: 'com', organizationId: '10234695' },
    database: 'sqlite:./isync.db',
    areExamples: false,
  })
})

it('what the configuration would refuse is refused at the question', async () => {
  const mirakl = ['https://macys-prod.mirakl.net', '', false, undefined, '103']
  const { ask, refused } = person([
    ['mirakl'],
    'macys',
    ...mirakl,
    true,
    ...mirakl.slice(0, 3),
    'mirakl-macys',
    'Two Words',
    'mirakl-two',
    'zero',
    '104',
    false,
    true,
    'eu',
    'My Shop',
    '4711',
    'postgres',
    'mysql://x',
    'postgres://isync:pw@db/isync',
    'postgres://db/isync',
    'postgres://isync@db/isync',
    '',
  ])

  const answers = await askAll(ask)

  expect(answers.channels.map(({ code }) => code)).toEqual(['mirakl-macys', 'mirakl-two'])
  expect(answers).toMatchObject({ database: 'postgres://isync@db/isync' })
  expect(answers).not.toHaveProperty('databasePassword')
  expect(refused).toEqual([
    expect.stringContaining('an origin such as https://'),
    'there is a channel of this name already',
    expect.stringContaining('lower case letters, digits and dashes'),
    expect.stringContaining('whole number'),
    expect.stringContaining('digits of an organization id'),
    expect.stringContaining('an address such as postgres://'),
    expect.stringContaining('without the password'),
    expect.stringContaining('name the user'),
  ])
})

it('an operator who keeps no stock in Zoho is asked nothing more about it, and the file says what that means', async () => {
  const { ask } = person([['mirakl'], 'https://macys-prod.mirakl.net', '', false, undefined, '103', false, false, 'sqlite'])

  const answers = await askAll(ask)

  expect(answers.zoho).toBeUndefined()
  expect(configText(answers)).not.toMatch(/^(zoho|inventory):/m)
  expect(configText(answers)).toContain('leaves every quantity alone')
  expect(envText(secretGroups(answers, 'k1:key'))).not.toContain('ZOHO')
})

describe('an operator who sells on eBay and by Rithum', () => {
  const amazon = ['na', ['ATVPDKIKX0DER'], 'A1REAL', undefined, '101', false]
  const ebay = ['EBAY_GB', undefined, '102', false]
  const end = [false, 'sqlite']

  it('is asked for a site, then which of Rithum’s products it is, and what that product needs', async () => {
    const dsco = ['dsco', 'static', 'EAST', undefined, '104', true]
    const again = ['dsco', 'oauth2', '', 'rithum-acme', '105', false]
    const { ask } = person([['rithum', 'ebay'], ...ebay, ...dsco, ...again, ...end])

    const answers = await askAll(ask)

    expect(answers.channels).toEqual([
      { type: 'ebay', code: 'ebay-gb', site: 'EBAY_GB', storeId: 102 },
      { type: 'rithum', product: 'dsco', auth: 'static', warehouseCode: 'EAST', code: 'rithum-dsco', storeId: 104 },
      { type: 'rithum', product: 'dsco', auth: 'oauth2', code: 'rithum-acme', storeId: 105 },
    ])
    expect(problemsOf(answers)).toEqual([])
    const env = envText(secretGroups(answers, 'k1:key'))
    for (const name of ['EBAY_GB_CERT_ID', 'RITHUM_DSCO_TOKEN', 'RITHUM_ACME_CLIENT_SECRET']) expect(env).toContain(`${name}=`)
    expect(env).not.toContain('RITHUM_DSCO_CLIENT')
  })

  it('has to name the sites of ChannelAdvisor that come by a channel of their own', async () => {
    const rithum = ['channeladvisor', true, 'Amazon Seller Central - US', 'Amazon Seller Central - US, eBay Fixed Price UK']
    const { ask, refused } = person([
      ['amazon', 'ebay', 'rithum'],
      ...amazon,
      ...ebay,
      ...[...rithum, undefined, '105', false],
      ...end,
    ])

    const answers = await askAll(ask)

    expect(refused).toEqual([expect.stringContaining('name the ebay site too')])
    expect(answers.channels.at(-1)).toMatchObject({
      product: 'channeladvisor',
      excludeSites: ['Amazon Seller Central - US', 'eBay Fixed Price UK'],
    })
    expect(problemsOf(answers)).toEqual([])
  })

  it('whose shops there are others has both ways watched', async () => {
    const { ask } = person([['amazon', 'rithum'], ...amazon, 'channeladvisor', false, undefined, '105', false, ...end])

    const answers = await askAll(ask)

    expect(configText(answers)).toContain('double_path: watch')
    expect(problemsOf(answers)).toEqual([])
  })

  it('and no other marketplace is asked about none', async () => {
    const { ask } = person([['rithum'], 'channeladvisor', undefined, '105', false, ...end])

    const answers = await askAll(ask)

    expect(configText(answers)).not.toMatch(/exclude_sites|double_path/)
    expect(problemsOf(answers)).toEqual([])
  })

  it('is told that OrderStream is not supported, may go back, and goes on without it', async () => {
    const { ask } = person([['ebay', 'rithum'], ...ebay, 'orderstream', false, 'orderstream', true, false, ...end])

    expect((await askAll(ask)).channels.map(({ code }) => code)).toEqual(['ebay-gb'])
  })

  it('with nothing but OrderStream gets no configuration', async () => {
    const { ask } = person([['rithum'], 'orderstream', true, false])

    await expect(askAll(ask)).rejects.toThrow('there is no channel')
  })
})

it('every site that init offers is one that the configuration takes', async () => {
  const offered: string[] = []
  const { ask } = person([['ebay'], undefined])
  const looking: Ask = {
    ...ask,
    async one(_question, choices) {
      offered.push(...choices.map(({ value }) => String(value)))
      throw new Error('seen enough')
    },
  }

  await expect(askAll(looking)).rejects.toThrow('seen enough')

  expect(offered.length).toBeGreaterThan(15)
  for (const site of offered) {
    const answers: Answers = { ...exampleAnswers, channels: [{ type: 'ebay', code: 'ebay', site, storeId: 1 }] }
    expect(problemsOf(answers), site).toEqual([])
  }
})

/** What the configuration's own check says of the file that these answers make. */
function problemsOf(answers: Answers): readonly string[] {
  const secrets = secretGroups(answers, keyring).flatMap(({ secrets: some }) => some)
  const folder = mkdtempSync(join(tmpdir(), 'isync-answers-'))
  const flag = join(folder, 'isync.config.yaml')
  writeFileSync(flag, configText(answers))
  try {
    loadConfig(
      { cwd: folder, flag, env: Object.fromEntries(secrets.map(({ name, value }) => [name, value || 'some-value'])) },
      channelTypes,
    )
    return []
  } catch (error) {
    return [String(error)]
  } finally {
    rmSync(folder, { recursive: true })
  }
}
