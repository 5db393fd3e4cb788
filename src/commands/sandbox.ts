import type { Command } from 'commander'
import { createClock } from '../sandbox/clock.ts'
import { seedRehearsal } from '../sandbox/scenario/rehearsal.ts'
import { startSandbox } from '../sandbox/server.ts'
import { execute } from './shell/execute.ts'
import { type CommonOptions, newCommand, parsePort } from './shell/options.ts'
import { listenForStop } from './shell/stop.ts'

interface Options extends CommonOptions {
  readonly portBase: number
  readonly clockFile?: string
  readonly orders?: boolean
}

const keys = [
  ['amazon', 'client_id sandbox-client, client_secret sandbox-secret, refresh_token sandbox-refresh; seller_id A1SANDBOX'],
  ['mirakl', 'api_key sandbox-key; shop_id 2001'],
  ['shipstation', 'api_key sandbox-key, api_secret sandbox-secret; stores 20002 to 20006'],
  ['zoho', 'client_id sandbox-client, client_secret sandbox-secret, refresh_token sandbox-refresh; organization_id 10234695'],
  ['ebay', 'app_id sandbox-app, cert_id sandbox-cert, refresh_token sandbox-refresh'],
  ['dsco', 'client_id sandbox-client, client_secret sandbox-secret; or token sandbox-token'],
  ['channeladvisor', 'application_id sandbox-app, shared_secret sandbox-shared, refresh_token sandbox-refresh'],
] as const

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
      'control on this port, Amazon on the next, then Mirakl, ShipStation, Zoho, eBay, Rithum Dsco, Rithum ChannelAdvisor',
      parsePort,
      4600,
    )
    .option('--clock-file <path>', 'share virtual time through this file; give isync the same in ISYNC_CLOCK_FILE')
    .option('--orders', 'begin with about 300 invented orders on five channels, listings, and the stock for them in Zoho')
    .action((options: Options) =>
      execute('sandbox', options, async (output) => {
        const stop = listenForStop()
        const clock = options.clockFile === undefined ? createClock() : createClock({ file: options.clockFile })
        const sandbox = await startSandbox({ portBase: options.portBase, clock })
        if (options.orders) seedRehearsal(sandbox, clock.now())
        output.line('The sandbox is running. Origins for `endpoint` and `auth_endpoint` of the configuration:')
        output.table(['vendor', 'origin'], Object.entries(sandbox.origins))
        output.line('Keys that they take, as "isync init --sandbox" writes them:')
        output.table(['vendor', 'keys'], keys)
        output.line('Ctrl-C ends it; nothing is kept.')
        await new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()))
        await sandbox.close()
        stop.dispose()
        return { verdict: 'done', document: { origins: sandbox.origins } }
      }),
    )
}
