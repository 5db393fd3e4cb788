// What a server of webhooks costs at the least: Node's own http, and with a file as its second word each body as a row of it, on disk before it is
// answered. Says `{ port }`.
import { createServer } from 'node:http'

const [file] = process.argv.slice(2)
const insert = file === undefined ? undefined : await table(file)

const server = createServer((request, response) => {
  const pieces = []
  request.on('data', (piece) => pieces.push(piece))
  request.on('end', () => {
    insert?.run(request.headers['webhook-id'] ?? '', Buffer.concat(pieces).toString('utf8'))
    response.writeHead(202).end()
  })
}).listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('disconnect', () => process.exit())

async function table(file) {
  const { default: Database } = await import('better-sqlite3')
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec('create table inbox (id text primary key, body text not null)')
  return db.prepare('insert into inbox (id, body) values (?, ?)')
}
