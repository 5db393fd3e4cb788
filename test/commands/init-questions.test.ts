import { expect, it } from 'vitest'
import type { Ask } from '../../src/commands/init/ask.ts'
import { configText } from '../../src/commands/init/config-text.ts'
import { askAll } from '../../src/commands/init/questions.ts'
import { envText, secretGroups } from '../../src/commands/init/secrets.ts'

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
