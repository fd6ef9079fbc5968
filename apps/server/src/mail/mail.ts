import type { MailAddress } from './mail-address.ts'

/** Plain text. Nothing in it may come from a stranger, who could write to anybody under SkyCrate's name. */
export interface MailText {
  readonly subject: string
  readonly text: string
}

export interface NewMail extends MailText {
  /** Null: to nobody. It costs what a mail costs, so that the time of an answer does not tell whether one was sent. */
  readonly to: MailAddress | null
  /** When what is in it is good no more. */
  readonly expiresAt: Date
}
