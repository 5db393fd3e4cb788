import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import ts from 'typescript'
import { operationOf, type RestRequest } from '../../src/connectors/ebay/transport.ts'

const connectors = resolve(import.meta.dirname, '../../src/connectors')

/** Where the calls of each vendor are made: folders below src/connectors. */
export function sourcesIn(folder: string): readonly ts.SourceFile[] {
  const inside = join(connectors, folder)
  const names = readdirSync(inside, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  return names.map((name) => parsed(join(folder, name), readFileSync(join(inside, name), 'utf8')))
}

export function parsed(name: string, text: string): ts.SourceFile {
  return ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)
}

/**
 * The names by which a connector calls its vendor, as runs report and count them, read from its source: what is said for `operation` in an object
 * or an argument, and what makes such a name (eBay). A name that comes from elsewhere in the folder is found there.
 */
export function operationsIn(sources: readonly ts.SourceFile[]): ReadonlySet<string> {
  const everywhere = new Map<string, ts.Expression>()
  const takers = new Map<string, number>()
  for (const source of sources) {
    visit(source, (node) => {
      if (isConstant(node)) everywhere.set(node.name.text, node.initializer)
      if (!ts.isFunctionDeclaration(node) || node.name === undefined) return
      const place = node.parameters.findIndex(({ name }) => name.getText() === 'operation')
      if (place >= 0) takers.set(node.name.text, place)
    })
  }
  const found = new Set<string>()
  for (const source of sources) {
    // Two files may use one name for two things.
    const constants = new Map(everywhere)
    visit(source, (node) => {
      if (isConstant(node)) constants.set(node.name.text, node.initializer)
    })
    const add = (from: ts.Expression | undefined) => {
      for (const text of textsOf(from, constants)) found.add(text)
    }
    visit(source, (node) => {
      if (ts.isPropertyAssignment(node) && node.name.getText() === 'operation') add(node.initializer)
      if (ts.isShorthandPropertyAssignment(node) && node.name.text === 'operation') add(node.name)
      if (ts.isCallExpression(node)) add(node.arguments[takers.get(node.expression.getText()) ?? -1])
      if (ts.isObjectLiteralExpression(node)) for (const name of ebayCall(node, constants)) found.add(name)
      if (ts.isVariableDeclaration(node) && TABLES.has(node.name.getText())) for (const name of keysOf(node)) found.add(name)
    })
  }
  return found
}

/** What connectors call the table of their calls, if they have one. */
const TABLES: ReadonlySet<string> = new Set(['operations', 'rules'])

function isConstant(
  node: ts.Node,
): node is ts.VariableDeclaration & { readonly name: ts.Identifier; readonly initializer: ts.Expression } {
  return ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer !== undefined
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node)
  ts.forEachChild(node, (child) => visit(child, see))
}

/** What an expression may say, `{}` for each part of a template that is not known here. */
function textsOf(from: ts.Expression | undefined, constants: ReadonlyMap<string, ts.Expression>, deep = 0): readonly string[] {
  if (from === undefined || deep > 3) return []
  if (ts.isStringLiteralLike(from)) return [from.text]
  if (ts.isTemplateExpression(from))
    return [`${from.head.text}${from.templateSpans.map(({ literal }) => `{}${literal.text}`).join('')}`]
  if (ts.isAsExpression(from)) return textsOf(from.expression, constants, deep)
  if (ts.isConditionalExpression(from))
    return [from.whenTrue, from.whenFalse].flatMap((branch) => textsOf(branch, constants, deep))
  return ts.isIdentifier(from) ? textsOf(constants.get(from.text), constants, deep + 1) : []
}

/** eBay's calls have no name of their own, it is made of what they are. */
function ebayCall(node: ts.ObjectLiteralExpression, constants: ReadonlyMap<string, ts.Expression>): readonly string[] {
  const said = (name: string) =>
    node.properties.flatMap((property) => {
      if (ts.isShorthandPropertyAssignment(property) && property.name.text === name) return textsOf(property.name, constants)
      return ts.isPropertyAssignment(property) && property.name.getText() === name ? textsOf(property.initializer, constants) : []
    })
  const [api] = said('api')
  if (api === 'trading') return said('call')
  if (api !== 'inventory' && api !== 'fulfillment' && api !== 'analytics') return []
  return said('path').map((path) => operationOf({ api, path, method: 'get' } satisfies RestRequest))
}

/** Calls that stand in one table. */
function keysOf({ initializer }: ts.VariableDeclaration): readonly string[] {
  const table = initializer !== undefined && ts.isSatisfiesExpression(initializer) ? initializer.expression : initializer
  const inside = table !== undefined && ts.isAsExpression(table) ? table.expression : table
  if (inside === undefined || !ts.isObjectLiteralExpression(inside)) return []
  return inside.properties.flatMap(({ name }) =>
    name === undefined ? [] : [ts.isStringLiteral(name) ? name.text : name.getText()],
  )
}
