import type { Db } from './db.ts'

export async function readSetting(db: Db, key: string): Promise<string | undefined> {
  const [row] = await db.rows<{ value: string }>('select value from settings where key = ?', [key])
  return row?.value
}

/** Adds a setting of the program's own; one that is there stays. */
export async function addSetting(db: Db, key: string, value: string, now: number): Promise<void> {
  await db.run('insert into settings (key, value, changed_by, changed_at) values (?, ?, ?, ?) on conflict (key) do nothing', [
    key,
    value,
    'isync',
    now,
  ])
}

/** A setting that an operator changed at run time. */
export interface SettingRow {
  readonly key: string
  readonly value: string
  readonly changed_by: string
  /** Epoch ms. */
  readonly changed_at: number
}

/** How the keys of operators begin. The program's own rows in the table begin otherwise. */
const begins = ['inventory.', 'channels.', 'skus.', 'brands.', 'categories.']

/** What operators set at run time, by key; with `like`, only keys of that pattern. The program's own rows are never among them. */
export async function operatorSettings(db: Db, like = '%'): Promise<SettingRow[]> {
  const own = begins.map(() => 'key like ?').join(' or ')
  return db.rows(`select key, value, changed_by, changed_at from settings where key like ? and (${own}) order by key`, [
    like,
    ...begins.map((begin) => `${begin}%`),
  ])
}
