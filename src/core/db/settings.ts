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

/** How the keys of what stock goes by begin. */
const stockBegins = ['inventory.', 'channels.', 'skus.', 'brands.', 'categories.']
/** How the keys of operators begin. The program's own rows in the table begin otherwise. */
const begins = [...stockBegins, 'reconcile.', 'alerts.']

/** What operators set at run time, by key; with `like`, only keys of that pattern. The program's own rows are never among them. */
export async function operatorSettings(db: Db, like = '%'): Promise<SettingRow[]> {
  const own = begins.map(() => 'key like ?').join(' or ')
  return db.rows(`select key, value, changed_by, changed_at from settings where key like ? and (${own}) order by key`, [
    like,
    ...begins.map((begin) => `${begin}%`),
  ])
}

/** Whether an operator set anything that stock goes by, or took it away, at this instant or later (epoch ms). */
export async function settingsChangedSince(db: Db, at: number): Promise<boolean> {
  const own = stockBegins.map(() => 'key like ?').join(' or ')
  const told = stockBegins.map(() => 'entity_id like ?').join(' or ')
  const patterns = stockBegins.map((begin) => `${begin}%`)
  const rows = await db.rows(
    `select 1 as one from settings where changed_at >= ? and (${own}) union select 1 as one from events where at >= ? and entity = 'setting' and (${told}) limit 1`,
    [at, ...patterns, at, ...patterns],
  )
  return rows.length > 0
}

/** One setting of operators. */
export async function operatorSetting(db: Db, key: string): Promise<SettingRow | undefined> {
  const [row] = await db.rows<SettingRow>('select key, value, changed_by, changed_at from settings where key = ?', [key])
  return row
}

/**
 * Changes one setting, or takes it away (`to` undefined), unless somebody else changed it since `from` was read: then nothing happens and
 * the answer is false.
 */
export async function changeSetting(
  db: Db,
  change: { readonly key: string; readonly from: string | undefined; readonly to: string | undefined; readonly by: string },
  now: number,
): Promise<boolean> {
  const { key, from, to, by } = change
  if (to === undefined) return 1 === (await db.run('delete from settings where key = ? and value = ?', [key, from ?? null]))
  const changed =
    from === undefined
      ? await db.run(
          'insert into settings (key, value, changed_by, changed_at) values (?, ?, ?, ?) on conflict (key) do nothing',
          [key, to, by, now],
        )
      : await db.run('update settings set value = ?, changed_by = ?, changed_at = ? where key = ? and value = ?', [
          to,
          by,
          now,
          key,
          from,
        ])
  return changed === 1
}

/** Every brand or category that the stock has, or, given their one spelling, its SKUs like it. */
export async function namesInStock(db: Db, column: 'sku' | 'brand' | 'category', skuKey: string): Promise<string[]> {
  const rows =
    column === 'sku'
      ? await db.rows<{ name: string }>('select sku as name from stock where sku_key = ? order by sku', [skuKey])
      : await db.rows<{ name: string }>(`select distinct ${column} as name from stock where ${column} is not null order by 1`)
  return rows.map(({ name }) => name)
}
