import type { Run } from '../context.ts'
import { operatorSettings } from '../db/settings.ts'
import { limitFields } from './fields.ts'
import { limitNames } from './names.ts'

/**
 * The run with the limits of one section as they are now: the file's, with what operators set at run time in their place. What cannot be
 * understood is logged and ignored.
 */
export async function withLimitsInEffect(run: Run, section: 'reconcile' | 'alerts'): Promise<Run> {
  let { settings } = run
  for (const { key, value } of await operatorSettings(run.db, `${section}.%`)) {
    const name = limitNames.find((known) => known === key)
    const read = name === undefined ? undefined : limitFields[name].read(value)
    if (read?.ok === true) settings = read.value(settings)
    else run.log.warn({ setting: key, why: read?.why ?? 'this version has no such setting' }, 'setting ignored')
  }
  return { ...run, settings }
}
