import type { Command } from 'commander'
import { loadConfig } from '../core/config/load.ts'
import { printableConfig } from '../core/config/show.ts'
import { createVault } from '../core/privacy/vault.ts'
import { execute } from './shell/execute.ts'
import { type CommonOptions, newCommand } from './shell/options.ts'

/** `isync config:check` */
export function command(): Command {
  return newCommand('config:check', 'Read the configuration, list every error at once, show what is in effect without secrets', [
    'isync config:check',
    'isync config:check --config /etc/isync/isync.config.yaml --json',
  ]).action((options: CommonOptions) =>
    execute('config:check', options, async (output) => {
      const config = loadConfig({
        cwd: process.cwd(),
        env: process.env,
        ...(options.config === undefined ? {} : { flag: options.config }),
      })
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
          channel.endpoint ??
            (channel.type === 'mirakl' ? channel.base_url : channel.sandbox ? "the vendor's sandbox" : "the vendor's own"),
        ]),
      )
      const missing = Object.entries(config.channels).filter(([, { type }]) => type === 'ebay' || type === 'rithum')
      for (const [code, { type }] of missing)
        output.line(`! ${code}: this version has no connector for ${type} yet; no command works on it`)
      return {
        verdict: 'done',
        document: {
          file: config.source.file,
          config: printableConfig(config),
          without_connector: missing.map(([code]) => code),
          ok: true,
        },
      }
    }),
  )
}
