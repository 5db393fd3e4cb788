import { expect, it } from 'vitest'
import { coreSettings } from '../../../src/commands/shell/settings.ts'
import { load, wholeFile } from '../../core/config/a-config.ts'

it('keeps personal data for 30 days at Amazon and 90 elsewhere, unless a channel says otherwise; orders of unknown channels go by the strictest', () => {
  const days = (text: string) => {
    const { channels, retention } = coreSettings(load(text))
    return {
      ...Object.fromEntries([...channels.values()].map(({ code, personalDays }) => [code, personalDays])),
      else: retention.unknownChannelDays,
    }
  }
  expect(days(wholeFile)).toEqual({ 'amazon-us': 30, 'ebay-main': 90, 'mirakl-macys': 90, 'rithum-acme': 90, else: 30 })
  const longer = wholeFile
    .replace('type: amazon,', 'type: amazon, personal_days: 14,')
    .replace('type: ebay,', 'type: ebay, personal_days: 400,')
  expect(days(longer)).toMatchObject({ 'amazon-us': 14, 'ebay-main': 400 })
})
