import type { SandboxReply } from '../stand-in.ts'

/** Field path to complaints, as the vendor's model binding reports them. */
export type ModelState = Record<string, string[]>

export function ok(body: unknown): SandboxReply {
  return { status: 200, body }
}

export function success(message: string): SandboxReply {
  return ok({ success: true, message })
}

/** The request could not be bound to the model: contract section 11. */
export function modelState(problems: ModelState): SandboxReply {
  return { status: 400, body: { Message: 'The request is invalid.', ModelState: problems } }
}

/** The newer form of a refusal. */
export function refused(message: string): SandboxReply {
  return { status: 400, body: { message } }
}

/** A data error in the disguise of a crash: contract section 11. */
export function exception(message: string): SandboxReply {
  return {
    status: 500,
    body: {
      Message: 'An error has occurred.',
      ExceptionMessage: message,
      ExceptionType: 'System.NullReferenceException',
      StackTrace: null,
    },
  }
}

export function notFound(path: string): SandboxReply {
  return { status: 404, body: { Message: `No HTTP resource was found that matches the request URI '${path}'.` } }
}

export function noSuchOrder(): SandboxReply {
  return { status: 404, body: { message: 'The requested order could not be found.' } }
}

export function wrongMethod(method: string): SandboxReply {
  return { status: 405, body: { Message: `The requested resource does not support http method '${method}'.` } }
}
