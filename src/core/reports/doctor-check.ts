/** One finding of the doctor, good or bad. */
export interface DoctorCheck {
  readonly channel: string
  readonly check: string
  readonly ok: boolean
  readonly detail: string
  /** '' when all is well. */
  readonly fix: string
}
