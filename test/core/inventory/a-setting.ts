import type { SettingRow } from '../../../src/core/db/settings.ts'
import { noon } from '../../world/a-clock.ts'

/** A row that Ann set at noon. */
export function aSetting(key: string, value: string | number): SettingRow {
  return { key, value: String(value), changed_by: 'ann', changed_at: noon }
}
