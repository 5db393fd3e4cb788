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
