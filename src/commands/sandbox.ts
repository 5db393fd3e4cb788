import type { Command } from 'commander'
import { createClock } from '../sandbox/clock.ts'
import { amazonListings } from '../sandbox/scenario/amazon-listings.ts'
import { amazonOrders } from '../sandbox/scenario/amazon-orders.ts'
import { miraklOffers } from '../sandbox/scenario/mirakl-offers.ts'
import { miraklOrders } from '../sandbox/scenario/mirakl-orders.ts'
import { zohoItems } from '../sandbox/scenario/zoho-items.ts'
import { startSandbox } from '../sandbox/server.ts'
import { execute } from './shell/execute.ts'
import { type CommonOptions, newCommand, parsePort } from './shell/options.ts'
import { listenForStop } from './shell/stop.ts'

interface Options extends CommonOptions {
  readonly portBase: number
  readonly clockFile?: string
  readonly orders?: boolean
}

/** `isync sandbox` */
export function command(): Command {
  return newCommand('sandbox', 'Run stand-ins for the vendors on this machine, for rehearsals; nothing leaves it', [
    'isync sandbox --orders',
    'isync sandbox --port-base 4600',
    'isync sandbox --port-base 4600 --clock-file /tmp/isync-clock.json',
    'curl http://127.0.0.1:4600/      # what the control port can do',
  ])
    .option(
      '--port-base <n>',
      'control on this port, Amazon on the next, then Mirakl, ShipStation, Zoho, eBay, Rithum Dsco',
      parsePort,
      4600,
    )
    .option('--clock-file <path>', 'share virtual time through this file; give isync the same in ISYNC_CLOCK_FILE')
    .option('--orders', 'begin with about 200 invented orders on both channels, listings, and the stock for them in Zoho')
    .action((options: Options) =>
      execute('sandbox', options, async (output) => {
        const stop = listenForStop()
        const clock = options.clockFile === undefined ? createClock() : createClock({ file: options.clockFile })
        const sandbox = await startSandbox({ portBase: options.portBase, clock })
        if (options.orders) {
          sandbox.seed('amazon', { orders: amazonOrders(clock.now()), listings: amazonListings() })
          sandbox.seed('mirakl', { orders: miraklOrders(clock.now()), offers: miraklOffers() })
          sandbox.seed('zoho', { items: zohoItems() })
        }
        output.line('The sandbox is running. Origins for `endpoint` and `auth_endpoint` of the configuration:')
        output.table(['vendor', 'origin'], Object.entries(sandbox.origins))
        output.line(
          'Keys: Amazon sandbox-client / sandbox-secret / sandbox-refresh, Mirakl sandbox-key, ShipStation sandbox-key / sandbox-secret,',
        )
        output.line('Zoho sandbox-client / sandbox-secret / sandbox-refresh with organization 10234695.')
        output.line('Ctrl-C ends it; nothing is kept.')
        await new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()))
        await sandbox.close()
        stop.dispose()
        return { verdict: 'done', document: { origins: sandbox.origins } }
      }),
    )
}
