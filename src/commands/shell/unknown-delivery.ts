import { OperatorError } from '../../core/errors.ts'

/** None of the named deliveries is there (exit 2). */
export function unknownDelivery(command: string, ids: readonly string[]): OperatorError {
  return new OperatorError({
    what: `no such delivery: ${ids.slice(0, 3).join(', ')}`,
    where: command,
    why: 'the id is another, or the delivery was purged (retention.inbox_days)',
    next: 'isync webhooks:inbox lists what is there',
  })
}
