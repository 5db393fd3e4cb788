// Renders an alert mail in a headless Chromium, light, dark and narrow, for a person to look at:
//   scripts/node test/manual/mail-look.mjs [folder]
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'
import { mailHtml } from '../../src/core/alerts/mail-html.ts'
import { noon } from '../world/a-clock.ts'
import { anAlert } from '../world/an-alert.ts'

const folder = resolve(process.argv[2] ?? 'mail-look')
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) =>
  existsSync(file),
)
if (executablePath === undefined) throw new Error('no Chromium on this machine: apt-get install -y chromium')

const hour = 3_600_000
const long = `VERY-LONG-SKU-${'X'.repeat(120)}`
const common = { opened_at: noon - hour, count: 52 }
const items = [
  {
    kind: 'opened',
    alert: anAlert({
      ...common,
      severity: 'critical',
      rule: 'orders-failing',
      channel: 'amazon-us',
      message: '52 orders could not be created in ShipStation in the last hour, such as A-1, A-2, A-3: storeId 101 is not active',
      next: 'isync retry --kind push --channel amazon-us',
    }),
  },
  {
    kind: 'repeated',
    alert: anAlert({
      ...common,
      rule: 'publish-dead',
      channel: 'mirakl-macys',
      message: `the quantity of "${long}" was given up: <refused>`,
      next: `isync sku:show "${long}"`,
    }),
  },
  {
    kind: 'resolved',
    alert: anAlert({
      ...common,
      severity: 'critical',
      rule: 'pull-failed',
      channel: 'ebay-main',
      resolved_at: noon - 600_000,
      message: 'no answer within 30000 ms',
      next: '',
    }),
  },
]

mkdirSync(folder, { recursive: true })
const page = join(folder, 'mail.html')
writeFileSync(page, mailHtml(items, '[isync] CRITICAL amazon-us', 'sync-1', noon))
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
for (const [name, colorScheme, width] of [
  ['light', 'light', 760],
  ['dark', 'dark', 760],
  ['phone', 'light', 380],
]) {
  const view = await browser.newPage({ colorScheme, viewport: { width, height: 600 } })
  await view.goto(`file://${page}`)
  await view.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
  process.stdout.write(`${join(folder, `${name}.png`)}\n`)
}
await browser.close()
