/** Invented people. Their names hold what breaks careless software: accents, other scripts, apostrophes, long compounds. */
export interface Person {
  readonly first: string
  readonly last: string
  readonly street: string
  readonly more?: string
  readonly city: string
  readonly state: string
  readonly postal: string
}

type Row = readonly [first: string, last: string, street: string, city: string, state: string, postal: string, more?: string]

const ROWS: readonly Row[] = [
  ['Ada', 'Sample', '12 Invented Street', 'Springfield', 'IL', '62701'],
  ['Zoë', 'Müller-Lüdenscheidt', '7 Straße Lane', 'Milwaukee', 'WI', '53202', 'Floor 3'],
  ['Ben', 'Example', '480 Placeholder Road', 'Austin', 'TX', '73301'],
  ['花子', '山田', '1-2 Sakura Court', 'Torrance', 'CA', '90501', 'Apt 305'],
  ['Siobhán', "O'Brien-Walsh", '9 Harp & Crown Way', 'Boston', 'MA', '02108'],
  ['Carlos', 'Ñandú Peña', '77 Calle Inventada', 'San Juan', 'PR', '00901'],
  ['Dora', 'Testperson', '5150 Sandbox Avenue', 'Reno', 'NV', '89501', 'Unit 12B'],
  ['Łukasz', 'Żółć', '31 Pierogi Place', 'Chicago', 'IL', '60601'],
  ['Hương', 'Đặng Thị', '88 Made-up Boulevard', 'Houston', 'TX', '77002'],
  ['Erik', 'Åström', '4 Fjord Court', 'Duluth', 'MN', '55802'],
  ['Fatima', 'الزهراء', '640 Nowhere Drive', 'Dearborn', 'MI', '48124'],
  ['Grace', 'Fiction', '1 Example Plaza', 'Denver', 'CO', '80202', 'Suite 900'],
]

/**
 * The names come again and again, the houses do not: `side` (1..9) tells the marketplaces apart, since the same goods for the same door over
 * two of them would be one sale.
 */
export function personAt(n: number, side: number): Person {
  const row = ROWS[n % ROWS.length] ?? (ROWS[0] as Row)
  const [first, last, road, city, state, postal, more] = row
  const street = road.replace(/^[\d-]+/, `${side}${n}`)
  return { first, last, street, city, state, postal, ...(more === undefined ? {} : { more }) }
}
