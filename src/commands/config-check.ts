import type { Command } from 'commander'
import { printableConfig } from '../core/config/show.ts'
import { createVault } from '../core/privacy/vault.ts'
import { type Configuration, loadConfiguration } from './shell/configuration.ts'
import { execute } from './shell/execute.ts'
import { type CommonOptions, newCommand } from './shell/options.ts'

/** `isync config:check` */
export function command(): Command {
  return newCommand('config:check', 'Read the configuration, list every error at once, show what is in effect without secrets', [
    'isync config:check',
    'isync config:check --config /etc/isync/isync.config.yaml --json',
  ]).action((options: CommonOptions) =>
    execute('config:check', options, async (output) => {
      const config = loadConfiguration(options)
      const { keyIds } = createVault(config.encryption_keys)
      output.line(`${config.source.file}: ok`)
      output.line(`encryption keys: ${keyIds.join(', ')} (the first encrypts)`)
      output.table(
        ['channel', 'type', 'enabled', 'shipstation store', 'ratio', 'endpoint'],
        Object.entries(config.channels).map(([code, channel]) => [
          code,
          channel.type,
          channel.enabled ? 'yes' : 'no',
          channel.shipstation_store_id,
          channel.ratio ?? '1',
          channel.endpoint ?? config.vendors[code]?.place ?? '',
        ]),
      )
      output.line(webhooksText(config))
      return {
        verdict: 'done',
        document: {
          file: config.source.file,
          config: printableConfig(config),
          ok: true,
        },
      }
    }),
  )
}

function webhooksText({ serve, webhooks }: Configuration): string {
  const { orders, refused_per_hour: _limit, ...sections } = webhooks
  const senders = [...Object.keys(sections), ...Object.keys(orders).map((channel) => `orders/${channel}`)]
  if (senders.length === 0) return 'webhooks: of nobody'
  const outside = serve.public_url === undefined ? '' : `, from outside it is ${serve.public_url}`
  return `webhooks: of ${senders.join(', ')}; isync serve listens on ${serve.listen}:${serve.port}${outside}`
}
