/** The line with its comment, in the column of the others. */
export function noted(line: string, note: string): string {
  return `${line.padEnd(48)} # ${note}`
}

/** The comment of a value that must be replaced where nobody was asked for it. */
export function yours(isExample: boolean, note: string): string {
  return isExample ? `<- yours: ${note}` : note
}

/** Plain where YAML reads it as written, else in double quotes. */
export function scalar(value: string): string {
  return /^[A-Za-z0-9][\w.:/@${}?&=-]*$/.test(value) && !value.endsWith(':') ? value : JSON.stringify(value)
}
