import {
  type AmazonAnswers,
  type Answers,
  type ChannelAdvisorAnswers,
  type ChannelAnswers,
  type DscoAnswers,
  type EbayAnswers,
  type MiraklAnswers,
  standInOf,
} from './answers.ts'
import { credentialKeys, variableOf } from './secrets.ts'
import { noted, scalar, yours } from './text.ts'

/** One channel of the configuration file, with its name. */
export function channelLines({ sandboxPort, areExamples }: Answers, channel: ChannelAnswers): readonly string[] {
  return [
    `  ${scalar(channel.code)}:`,
    ...ownLines(channel, areExamples),
    ...(sandboxPort === undefined ? [] : placeLines(channel, sandboxPort)),
    noted(`    shipstation_store_id: ${channel.storeId}`, yours(areExamples, 'a manual store; "isync doctor" lists them')),
    '    credentials:',
    ...credentialKeys(channel).map((key) => `      ${key}: \${${variableOf(channel, key)}}`),
  ]
}

function ownLines(channel: ChannelAnswers, isExample: boolean): readonly string[] {
  switch (channel.type) {
    case 'amazon':
      return amazonLines(channel, isExample)
    case 'ebay':
      return ebayLines(channel, isExample)
    case 'mirakl':
      return miraklLines(channel, isExample)
    case 'rithum':
      return channel.product === 'dsco' ? dscoLines(channel, isExample) : channelAdvisorLines(channel, isExample)
  }
}

function placeLines(channel: ChannelAnswers, port: number): readonly string[] {
  const origin = standInOf(channel.type === 'rithum' ? channel.product : channel.type, port)
  // Mirakl has no token server.
  return [`    endpoint: ${origin}`, ...(channel.type === 'mirakl' ? [] : [`    auth_endpoint: ${origin}`])]
}

function amazonLines(channel: AmazonAnswers, isExample: boolean): readonly string[] {
  return [
    '    type: amazon',
    noted(`    region: ${channel.region}`, 'na, eu or fe'),
    noted(`    marketplace_ids: [${channel.marketplaceIds.join(', ')}]`, yours(isExample, 'ATVPDKIKX0DER is Amazon.com')),
    noted(`    seller_id: ${scalar(channel.sellerId)}`, yours(isExample, 'Settings > Account Info > Your Merchant Token')),
  ]
}

function ebayLines(channel: EbayAnswers, isExample: boolean): readonly string[] {
  return [
    '    type: ebay',
    noted(`    site: ${channel.site}`, yours(isExample, 'where the account was opened; it may sell on other sites too')),
    '    # refresh_token_expires: 2028-05-20           # 18 months after your consent: isync warns the month before',
  ]
}

function miraklLines(channel: MiraklAnswers, isExample: boolean): readonly string[] {
  return [
    '    type: mirakl',
    noted(`    base_url: ${scalar(channel.baseUrl)}`, yours(isExample, "the operator's host, as in its seller portal")),
    ...(channel.shopId === undefined
      ? []
      : [noted(`    shop_id: ${channel.shopId}`, yours(isExample, 'needed where your user has several shops'))]),
    noted(`    auto_accept: ${channel.autoAccept}`, 'true: every new order is accepted without asking'),
  ]
}

function dscoLines(channel: DscoAnswers, isExample: boolean): readonly string[] {
  return [
    '    type: rithum',
    noted('    product: dsco', 'the login at dsco.io'),
    ...(channel.auth === 'static' ? [noted('    auth: static', 'an older account with a fixed token')] : []),
    ...(channel.warehouseCode === undefined
      ? [noted('    # warehouse_code: W1', 'which one takes the quantities, where you have several')]
      : [
          noted(
            `    warehouse_code: ${scalar(channel.warehouseCode)}`,
            yours(isExample, 'your warehouse that takes the quantities'),
          ),
        ]),
  ]
}

function channelAdvisorLines(channel: ChannelAdvisorAnswers, isExample: boolean): readonly string[] {
  const { excludeSites, watchDoublePath, carriers = {} } = channel
  const names = Object.entries(carriers)
  return [
    '    type: rithum',
    noted('    product: channeladvisor', 'the login at channeladvisor.com'),
    ...(excludeSites.length === 0
      ? []
      : [
          `    # ${yours(isExample, 'sites of this account that a channel above reads itself; "isync doctor" lists the sites it has')}`,
          `    exclude_sites: [${excludeSites.map((site) => JSON.stringify(site)).join(', ')}]`,
        ]),
    ...(watchDoublePath === true
      ? [noted('    double_path: watch', 'its Amazon and eBay shops are others than those of the channels above')]
      : []),
    noted('    update_type: Available', "isync's numbers are without the units of open orders"),
    ...(names.length === 0
      ? []
      : [
          noted('    carriers:', "ShipStation's carrier: Carrier/Class, as in this account's own list"),
          ...names.map(([code, name]) => `      ${scalar(code)}: ${scalar(name)}`),
        ]),
  ]
}
