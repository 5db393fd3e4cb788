import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { SandboxClock, SandboxReply, SandboxRequest } from '../stand-in.ts'

/** Presigned URLs die after five minutes (contract section 3). */
const URL_LIFE_MS = 5 * 60_000
const FEEDS = '/feed-documents/'
const REPORTS = '/report-documents/'
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/

/** A document of a feed, what was uploaded or its report; or one of the Reports API. */
export interface FeedDocument {
  readonly id: string
  readonly sellerId: string
  /** What the upload must carry. */
  readonly contentType: string
  /** Undefined until it is uploaded. */
  body: Buffer | undefined
  readonly compressed: boolean
  /** Where it lies. */
  readonly folder: string
}

export interface Documents {
  /** For an upload. */
  create(sellerId: string, contentType: string): FeedDocument
  /** A finished report, made when somebody fetches it. */
  report(sellerId: string, content: object, compressed: boolean): FeedDocument
  /** A document of the Reports API, as it is downloaded but for the compression. */
  keep(sellerId: string, document: Pick<FeedDocument, 'contentType' | 'compressed'> & { readonly content: Buffer }): FeedDocument
  get(sellerId: string, id: string): FeedDocument | undefined
  /** A URL that opens the document for that method, for five minutes. */
  presign(document: FeedDocument, method: 'PUT' | 'GET', contentEncoding?: 'gzip'): string
  /** The answer of the storage behind presigned URLs; `undefined` for any other path. It is not SP-API: no token, XML errors. */
  serve(request: SandboxRequest): SandboxReply | undefined
  /** Remembers where the sandbox is reached, since clients may write the vendor's own host into Host. */
  hear(request: SandboxRequest): void
  reset(): void
}

/** The storage for documents of feeds and reports, on the same origin as the rest. */
export function createDocuments(clock: SandboxClock): Documents {
  const documents = new Map<string, FeedDocument>()
  const lazy = new Map<string, object>()
  let made = 0
  let origin = ''

  function add(document: Omit<FeedDocument, 'id'>): FeedDocument {
    made += 1
    const added = { id: `amzn1.tortuga.4.na.sandbox-${made}`, ...document }
    documents.set(added.id, added)
    return added
  }

  function bodyOf(document: FeedDocument): Buffer | undefined {
    const content = lazy.get(document.id)
    if (document.body === undefined && content !== undefined) {
      const text = Buffer.from(JSON.stringify(content))
      document.body = document.compressed ? gzipSync(text) : text
    }
    return document.body
  }

  function upload(request: SandboxRequest, document: FeedDocument): SandboxReply {
    // The content type is part of what was signed.
    if (request.headers['content-type'] !== document.contentType) return signatureMismatch()
    document.body = request.body
    return { status: 200 }
  }

  function download(request: SandboxRequest, document: FeedDocument): SandboxReply {
    const body = bodyOf(document)
    if (body === undefined) return xmlError(404, 'NoSuchKey', 'The specified key does not exist.')
    const encoded = request.query.get('response-content-encoding') === 'gzip'
    return {
      status: 200,
      headers: { 'content-type': document.contentType, ...(encoded ? { 'content-encoding': 'gzip' } : {}) },
      body,
    }
  }

  return {
    create: (sellerId, contentType) => add({ sellerId, contentType, body: undefined, compressed: false, folder: FEEDS }),
    report(sellerId, content, compressed) {
      const document = add({ sellerId, contentType: 'application/json', body: undefined, compressed, folder: FEEDS })
      lazy.set(document.id, content)
      return document
    },
    keep(sellerId, { contentType, compressed, content }) {
      const body = compressed ? gzipSync(content) : content
      return add({ sellerId, contentType, body, compressed, folder: REPORTS })
    },
    get(sellerId, id) {
      const document = documents.get(id)
      return document?.sellerId === sellerId ? document : undefined
    },
    presign(document, method, contentEncoding) {
      const query = new URLSearchParams({
        'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
        'X-Amz-Date': String(clock.now()),
        'X-Amz-Expires': String(URL_LIFE_MS / 1000),
        'X-Amz-SignedHeaders': method === 'PUT' ? 'content-type;host' : 'host',
        ...(contentEncoding === undefined ? {} : { 'response-content-encoding': contentEncoding }),
      })
      query.set('X-Amz-Signature', sign(method, document.id, query))
      return `${origin}${document.folder}${document.id}?${query}`
    },
    serve(request) {
      const folder = [FEEDS, REPORTS].find((one) => request.path.startsWith(one))
      if (folder === undefined) return undefined
      const document = documents.get(request.path.slice(folder.length))
      if (document?.folder !== folder || (request.method !== 'PUT' && request.method !== 'GET')) return signatureMismatch()
      const signed = new URLSearchParams(request.query)
      signed.delete('X-Amz-Signature')
      if (request.query.get('X-Amz-Signature') !== sign(request.method, document.id, signed)) return signatureMismatch()
      if (clock.now() > Number(signed.get('X-Amz-Date')) + URL_LIFE_MS) return accessDenied('Request has expired')
      const unsigned = Object.keys(request.headers).find((name) => name.startsWith('x-amz-') || name === 'authorization')
      if (unsigned === 'authorization')
        return xmlError(400, 'InvalidArgument', 'Only one auth mechanism allowed; only the query string should be used.')
      if (unsigned !== undefined)
        return accessDenied(
          'There were headers present in the request which were not signed',
          `<HeadersNotSigned>${unsigned}</HeadersNotSigned>`,
        )
      return request.method === 'PUT' ? upload(request, document) : download(request, document)
    },
    hear({ headers }) {
      const host = headers['host'] ?? ''
      if (LOOPBACK.test(host)) origin = `http://${host}`
      else if (origin === '' && host !== '') origin = `https://${host}`
    },
    reset() {
      documents.clear()
      lazy.clear()
      made = 0
    },
  }
}

function sign(method: string, id: string, query: URLSearchParams): string {
  return createHash('sha256').update(`${method} ${id} ${query} of the sandbox`).digest('hex')
}

function signatureMismatch(): SandboxReply {
  return xmlError(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  )
}

function accessDenied(message: string, more = ''): SandboxReply {
  return xmlError(403, 'AccessDenied', message, more)
}

/** The error form of the storage (contract section 3). */
function xmlError(status: number, code: string, message: string, more = ''): SandboxReply {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${more}<RequestId>SANDBOX</RequestId></Error>`,
  }
}
