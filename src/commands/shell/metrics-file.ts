import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Run } from '../../core/context.ts'
import type { Configuration } from './configuration.ts'

/**
 * Leaves the whole picture in the configuration's `metrics_file`, if it names one. Whoever reads it meanwhile sees the old file or the
 * new one. A failure is logged, never more: the work is done.
 */
export async function leaveFigures(
  { metrics_file: path, source }: Pick<Configuration, 'metrics_file' | 'source'>,
  run: Pick<Run, 'db' | 'clock' | 'log' | 'pid'>,
): Promise<void> {
  if (path === undefined) return
  const file = resolve(dirname(source.file), path)
  // The collector reads everything that ends in .prom: a draft must not.
  const draft = join(dirname(file), `.${basename(file)}.${run.pid}.tmp`)
  try {
    // Loaded here: most installations leave no figures.
    const [{ metrics }, { exposition }] = await Promise.all([import('../../core/reports/metrics.ts'), import('./exposition.ts')])
    writeFileSync(draft, await exposition(await metrics(run.db, run.clock.now())), { mode: 0o644 })
    renameSync(draft, file)
  } catch (error) {
    rmSync(draft, { force: true })
    const code = (error as NodeJS.ErrnoException | null)?.code
    run.log.warn({ step: 'metrics', file, error: code ?? String(error) }, 'the file of figures could not be written')
  }
}
