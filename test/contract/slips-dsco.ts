/** Rithum's Dsco: where the published file errs or is silent. Each gap is filled here, by name, and nowhere else. */
import { isObject, type Json, mapValues, verbs } from './slips.ts'

export const dscoFile = 'dsco-v3.vendor-subset.json'

/** Has as many segments as a read of a range, and nobody here asks for one event. */
const SINGLE_EVENT = '/stream/single/{id}/{partitionId}/{position}'

/** What the text announces: attributes may be added at any time. This is the one that the stand-in adds. */
const ADDED_LATER = 'dscoAddedLater'

const REFUSALS = ['400', '401', '403', '404', '413', '429']

/** The vendor publishes no refusals but those of tokens: its update calls' own answer, or what a gateway says. */
const refusal: Json = {
  content: {
    'application/json': {
      schema: {
        anyOf: [
          {
            type: 'object',
            required: ['status', 'requestId', 'eventDate', 'messages'],
            properties: {
              status: { const: 'failure' },
              requestId: { type: 'string' },
              eventDate: { type: 'string', format: 'date-time' },
              messages: { type: 'array', minItems: 1, items: { $ref: '#/components/schemas/ApiResponseMessage' } },
            },
          },
          { type: 'object', required: ['message'], properties: { message: { type: 'string' } } },
        ],
      },
    },
  },
}

/**
 * The file as it is served: under its base path, null where it says nullable in the words of OpenAPI 3.0, patterns escaped once, lists of
 * reasons as lists, items that stand in a list by themselves, and the answers of the two synchronous writes with the fields that their own required list speaks of.
 */
export function dscoServed(document: Json): Json {
  const [server] = document['servers'] as readonly Json[]
  const base = new URL(String(server?.['url'])).pathname
  const paths = Object.entries(document['paths'] as Json)
    .filter(([path]) => path !== SINGLE_EVENT)
    .map(([path, operations]) => [
      `${base}${path}`,
      mapValues(operations as Json, (operation, verb) =>
        verbs.has(verb) && isObject(operation) ? withRefusals(operation) : operation,
      ),
    ])
  const components = document['components'] as Json
  const schemas = components['schemas'] as Json
  const streamEvent = schemas['StreamEvent'] as Json
  const properties = streamEvent['properties'] as Json
  const complete = {
    ...document,
    paths: Object.fromEntries(paths),
    components: {
      ...components,
      schemas: {
        ...schemas,
        SuccessFailResponse: schemas['SyncUpdateResponse'],
        StreamEvent: {
          ...streamEvent,
          properties: { ...properties, eventReasons: { type: 'array', items: properties['eventReasons'] } },
        },
      },
    },
  }
  return inModernWords(complete) as Json
}

function withRefusals(operation: Json): Json {
  const refusals = Object.fromEntries(REFUSALS.map((status) => [status, refusal]))
  return { ...operation, responses: { ...refusals, ...(operation['responses'] as Json) } }
}

function inModernWords(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(inModernWords)
  if (!isObject(node)) return node
  const { nullable, pattern, format, items, ...rest } = mapValues(node, inModernWords)
  // "integer" is no format; a property may well be called one of these.
  const isFormat = typeof format !== 'string' || format !== 'integer'
  return {
    ...rest,
    ...(items === undefined ? {} : { items: Array.isArray(items) ? (items[0] as unknown) : items }),
    ...(format !== undefined && isFormat ? { format } : {}),
    ...(pattern === undefined ? {} : { pattern: typeof pattern === 'string' ? pattern.replaceAll('\\\\', '\\') : pattern }),
    ...(nullable === undefined || typeof nullable === 'boolean' ? {} : { nullable }),
    ...(nullable === true ? orNull(rest) : {}),
  }
}

function orNull({ type, enum: values }: Json): Json {
  return {
    ...(typeof type === 'string' ? { type: [type, 'null'] } : {}),
    ...(Array.isArray(values) ? { enum: [...(values as readonly unknown[]), null] } : {}),
  }
}

/** Replies may have what is added later, anywhere. */
export function dscoWithAdded(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(dscoWithAdded)
  if (!isObject(node)) return node
  const copy = mapValues(node, dscoWithAdded)
  const isSchema = [copy['type']].flat().includes('object') && isObject(copy['properties'])
  return isSchema ? { ...copy, properties: { ...(copy['properties'] as Json), [ADDED_LATER]: { type: 'object' } } } : copy
}
