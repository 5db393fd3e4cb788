import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import { fail, invalid } from './wire.ts'

/** The fields of a multipart form by name, or the refusal. */
export function readForm(
  request: SandboxRequest,
): { readonly fields: ReadonlyMap<string, Buffer> } | { readonly refusal: SandboxReply } {
  const type = request.headers['content-type'] ?? ''
  const [, quoted, bare] = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type) ?? []
  const boundary = quoted ?? bare
  if (boundary === undefined) return { refusal: fail(415, `Content-Type '${type}' is not supported.`) }
  const fields = new Map<string, Buffer>()
  const mark = Buffer.from(`\r\n--${boundary}`)
  // The first boundary has no line break before it.
  const body = Buffer.concat([Buffer.from('\r\n'), request.body])
  let at = body.indexOf(mark)
  while (at >= 0) {
    const start = at + mark.length
    const next = body.indexOf(mark, start)
    if (next < 0) break
    const part = body.subarray(start, next)
    const split = part.indexOf('\r\n\r\n')
    const name = /\bname="([^"]*)"/.exec(part.subarray(0, Math.max(split, 0)).toString('utf8'))?.[1]
    if (split < 0 || name === undefined) return { refusal: fail(400, 'Malformed multipart body.') }
    fields.set(name, part.subarray(split + 4))
    at = next
  }
  return { fields }
}

/** The file of a form; anything but one with content is refused. */
export function readFile(
  request: SandboxRequest,
): { readonly fields: ReadonlyMap<string, Buffer>; readonly file: Buffer } | { readonly refusal: SandboxReply } {
  const form = readForm(request)
  if ('refusal' in form) return form
  const file = form.fields.get('file')
  if (file === undefined || file.length === 0) return { refusal: invalid('file', 'must not be empty') }
  return { fields: form.fields, file }
}
