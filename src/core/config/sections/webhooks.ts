import { channelCodePattern } from '../channel-keys.ts'
import { integer, parsed, section, tableOf, yesOrNo } from '../fields.ts'

/**
 * Secrets that a sender shows, as one text with commas between them. All of them are accepted, the first is given out: so a new one can be
 * introduced before the old one is taken back.
 */
function secrets(form: RegExp, formText: string, description: string) {
  return parsed(
    `a reference such as \${NAME} to ${formText}; several are separated by commas`,
    `${description}. Of several the first is given out and all are accepted`,
    (value) => {
      const all = value.split(',').map((one) => one.trim())
      return all.every((one) => form.test(one)) ? all : undefined
    },
  )
}

const TOKEN = /^[A-Za-z0-9_-]{32,128}$/
const tokenText = '32 to 128 letters, digits, - and _'

/** What the senders of webhooks prove themselves by. A sender without its section here is not listened to. */
export const webhooks = section({
  shipstation: section({
    token: secrets(TOKEN, tokenText, 'Secret part of the address that ShipStation calls: its webhooks carry no signature'),
  }).exactOptional(),
  zoho: section({
    secret: secrets(
      /^[A-Za-z0-9]{12,50}$/,
      '12 to 50 letters and digits',
      "Secret of the webhook's signature, as typed into Zoho",
    ),
    key: secrets(
      TOKEN,
      tokenText,
      'A second secret, sent in the header X-Isync-Key that the webhook in Zoho is given',
    ).exactOptional(),
    trust_body: yesOrNo(
      'A stock number in the body that is the configured field and newer than what is known is used at once; false: the item is read again',
    ).prefault('false'),
  }).exactOptional(),
  ebay: section({
    verification_token: secrets(
      /^[A-Za-z0-9_-]{32,80}$/,
      '32 to 80 letters, digits, - and _',
      'Verification token as typed into eBay',
    ),
  }).exactOptional(),
  amazon: section({
    key: secrets(TOKEN, tokenText, 'Secret that the forwarder of the SQS queue sends in the header X-Isync-Key'),
  }).exactOptional(),
  orders: tableOf(
    'a channel code',
    channelCodePattern,
    secrets(
      /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/,
      'whsec_ and 24 to 64 random bytes in base64',
      'Secret by which pushes to /webhooks/orders/<channel> are signed (Standard Webhooks)',
    ),
    {
      type: 'a table of channel code: secret',
      description: 'Channels that anybody who has the secret may push order numbers for',
    },
  ).prefault({}),
  refused_per_hour: integer(
    1,
    1_000_000,
    'More refused requests of one sender in an hour than this raise an alert: somebody tries, or a secret is wrong',
  ).prefault('100'),
})
