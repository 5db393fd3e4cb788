import type { Command } from 'commander'
import { OperatorError } from '../core/errors.ts'
import { doctorReport } from '../core/reports/doctor.ts'
import { isAlive } from './shell/alive.ts'
import { changedAt } from './shell/configuration.ts'
import { withRuntime } from './shell/execute.ts'
import { webhookSetup } from './shell/hook-address.ts'
import { type CommonOptions, collect, newCommand } from './shell/options.ts'
import { startProgress } from './shell/progress.ts'

interface Options extends CommonOptions {
  readonly channel?: readonly string[]
}

/** `isync doctor` */
export function command(): Command {
  return newCommand('doctor', 'Check every account: reachable, authenticated, clock, stores, limits; each finding with its fix', [
    'isync doctor',
    'isync doctor --channel amazon-us --json',
  ])
    .option('--channel <code>', "only this channel, or 'shipstation' or 'zoho' (repeatable)", collect)
    .action((options: Options) =>
      withRuntime('doctor', options, { writes: true }, async (runtime, output) => {
        const progress = await startProgress('asking the vendors', options)
        const names = options.channel?.filter((name) => name !== 'shipstation' && name !== 'zoho')
        const marketplaces = names !== undefined && names.length === 0 ? [] : runtime.marketplaces(names)
        // A channel's own check includes its store, so ShipStation is asked with it.
        const only = options.channel
        const shipping = only?.every((name) => name === 'zoho') === true ? undefined : runtime.shipping()
        const stock = only === undefined || only.includes('zoho') ? await runtime.stock() : undefined
        if (stock === undefined && only?.includes('zoho')) throw withoutStock(runtime.config.source.file)
        const hooks = webhookSetup(runtime.config)
        const setup = hooks === undefined ? undefined : { ...hooks, changedAt: changedAt(runtime.config.source.file), isAlive }
        const report = await doctorReport(runtime.run, shipping, stock, marketplaces, setup).finally(() => progress.stop())
        output.table(
          ['', 'account', 'check', 'finding'],
          report.checks.map(({ channel, check, ok, detail }) => [ok ? 'ok' : '!!', channel, check, detail]),
        )
        for (const { channel, check, ok, fix } of report.checks) if (!ok) output.line(`! ${channel} ${check}: ${fix}`)
        output.line(report.ok ? 'All is well.' : `${report.checks.filter(({ ok }) => !ok).length} finding(s).`)
        return { verdict: report.ok ? 'done' : 'vendor-down', document: { ...report } }
      }),
    )
}

function withoutStock(file: string): OperatorError {
  const why = 'the configuration has no section zoho'
  return new OperatorError({
    what: 'nothing to check',
    where: file,
    why,
    next: 'add the section; docs/vendors/zoho.md shows one',
  })
}
