import { expect, it } from 'vitest'
import { type Item, letterOf } from '../../src/core/alerts/message.ts'
import { anAlert } from './an-alert.ts'
import { toldTwice } from './day-accounts.ts'

const now = Date.UTC(2026, 10, 22, 8)

function mail(...kinds: readonly (readonly [Item['kind'], string])[]): string {
  const items = kinds.map(([kind, channel]): Item => {
    return { kind, alert: anAlert({ channel, ...(kind === 'resolved' ? { resolved_at: now } : {}) }) }
  })
  return letterOf(items, 'ops', now).text
}

it('an alert that began once and is still there in the mail of another was told once', () => {
  const mails = [
    mail(['opened', 'ebay-us']),
    mail(['repeated', 'ebay-us'], ['opened', 'amazon-us']),
    mail(['resolved', 'ebay-us']),
  ]
  expect(toldTwice(mails)).toEqual([])
})

it('an alert of which two mails say that it began, or that it is over, is found', () => {
  const began = mail(['opened', 'ebay-us'])
  expect(toldTwice([began, mail(['opened', 'amazon-us'], ['opened', 'ebay-us'])])).toHaveLength(1)
  expect(toldTwice([mail(['resolved', 'ebay-us']), began, mail(['resolved', 'ebay-us'])])).toHaveLength(1)
})
