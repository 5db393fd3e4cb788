import { describe, expect, test } from 'vitest'
import { readErrorReport, saysUnlisted } from '../../src/connectors/mirakl/error-report.ts'

describe('reasons that mean that the shop has no such offer', () => {
  test.each([
    'The offer does not exist',
    "Offer with shop SKU 'X-1' not found",
    'No offer matches this sku',
    'Unknown offer',
    'unknown SKU',
    "L'offre n'existe pas",
    'L’offre n’existe pas',
    'Offre introuvable',
    'Das Angebot existiert nicht',
    'La oferta no existe',
    "L'offerta non esiste",
  ])('%s', (reason) => expect(saysUnlisted(reason)).toBe(true))

  test.each([
    'The quantity of the offer is invalid',
    "The warehouse 'X' of the offer does not exist",
    "L'entrepôt de l'offre n'existe pas",
    'Unknown error while updating the offer',
    'The offer is inactive',
    'Page not found',
    '',
  ])('but not: %s', (reason) => expect(saysUnlisted(reason)).toBe(false))
})

describe('error reports as they may come', () => {
  const row = { sku: 'S-1', line: 2, reason: 'No; really' }

  test.each([
    ['quoted, semicolons', '"error-line";"error-message";"offer-sku"\n"2";"No; really";"S-1"\n'],
    ['other names', '"Line number";"Error reason";"Offer SKU"\n"2";"No; really";"S-1"\n'],
    ['other order', 'offer-sku;quantity;error-message;error-line\nS-1;7;"No; really";2\n'],
    ['commas', 'line,reason,sku\n2,No; really,S-1\n'],
    ['tabs', 'line\treason\tsku\r\n2\tNo; really\tS-1\r\n'],
    ['a byte order mark, empty lines and blanks', '\uFEFFline;reason;sku\n\n 2 ;"No; really"; S-1 \n\n'],
    ['a row that is too long', 'line;reason;sku\n2;"No; really";S-1;;;\n'],
    ['a stray quotation mark', 'line;reason;sku;size\n2;"No; really";S-1;5" wide\n'],
  ])('%s', (_, text) => expect(readErrorReport(text)).toEqual([row]))

  test('no names at all: the line first, the reason second', () => {
    expect(readErrorReport('2;No such offer\n5;\n')).toEqual([
      { sku: undefined, line: 2, reason: 'No such offer' },
      { sku: undefined, line: 5, reason: 'no reason given' },
    ])
  })

  test('no names behind a byte order mark', () => {
    expect(readErrorReport('\uFEFF2;No such offer\n')).toEqual([{ sku: undefined, line: 2, reason: 'No such offer' }])
  })

  test('names that say nothing: as without names', () => {
    expect(readErrorReport('ligne;motif\n2;introuvable\n')).toEqual([{ sku: undefined, line: 2, reason: 'introuvable' }])
  })

  test('a row without a line or a SKU is a row all the same', () => {
    expect(readErrorReport('line;reason;sku\nx;bad file;\n')).toEqual([{ sku: undefined, line: undefined, reason: 'bad file' }])
  })

  test('nothing', () => expect(readErrorReport('')).toEqual([]))

  test.each(['<html><body>Please log in</body></html>', '{"status":404,"message":"no"}', 'just words'])('no table: %s', (text) =>
    expect(readErrorReport(text)).toBeUndefined(),
  )
})
