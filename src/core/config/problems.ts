import { OperatorError } from '../errors.ts'

/** One thing that is wrong with the configuration, at its place in the file. Lines and columns start at 1. */
export interface ConfigIssue {
  readonly file: string
  readonly line: number
  readonly column: number
  /** `channels.amazon-us.ratio`; '' for the file as a whole. */
  readonly path: string
  /** What is allowed and what was got. Never a secret. */
  readonly message: string
}

/** The configuration cannot be used. Lists everything that is wrong with it. Exit code 2. */
export class ConfigError extends OperatorError {
  readonly issues: readonly ConfigIssue[]

  constructor(facts: { readonly file: string; readonly issues: readonly ConfigIssue[] }) {
    const count = facts.issues.length
    super({
      what: 'the configuration cannot be used',
      where: facts.file,
      why: `${count} ${count === 1 ? 'problem' : 'problems'}\n${facts.issues.map((issue) => `  ${issueLine(issue)}`).join('\n')}`,
      next: `mend ${count === 1 ? 'it' : 'them'}, then run: isync config:check`,
      exitCode: 2,
    })
    this.issues = facts.issues
  }
}

/** `isync.config.yaml:12:7: channels.amazon-us.ratio: must be 0..10, got 'two'`. */
export function issueLine(issue: ConfigIssue): string {
  const place = `${issue.file}:${issue.line}:${issue.column}`
  return issue.path === '' ? `${place}: ${issue.message}` : `${place}: ${issue.path}: ${issue.message}`
}

export type Path = readonly (string | number)[]

/** ['channels', 'amazon-us', 'marketplace_ids', 0] -> `channels.amazon-us.marketplace_ids[0]`. */
export function pathText(path: Path): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += `${text === '' ? '' : '.'}${oneLine(step, 60)}`
  }
  return text
}

/** What a message may quote: one line, no control characters, not longer than `max`. */
export function oneLine(text: string, max: number): string {
  const flat = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
  return flat.length > max ? `${flat.slice(0, max)}...` : flat
}
