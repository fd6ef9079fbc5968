import type { MailText } from './mail.ts'

const FOOTER = 'This mail was sent by SkyCrate'

/** What happened to the ways in which a person signs in. */
export type FactorChange =
  | `${'created' | 'deleted'} ${'totp' | 'passkey'}`
  | 'created recovery-codes'
  | 'reset'
  | 'linked identity'
  | 'unlinked identity'

const FACTOR_CHANGES: Readonly<Record<FactorChange, string>> = {
  'created totp': 'An authenticator app was set up for your account.',
  'deleted totp': 'The authenticator app of your account was deleted.',
  'created passkey': 'A passkey was added to your account.',
  'deleted passkey': 'A passkey of your account was deleted.',
  'linked identity': 'An identity of another sign-in service was linked to your account. It signs in from now on.',
  'unlinked identity': 'An identity of another sign-in service was unlinked from your account.',
  'created recovery-codes': 'New recovery codes were created for your account. Those before do not work any more.',
  reset: 'An administrator deleted every second factor of your account. The password alone signs in.',
}

/** The mails that SkyCrate writes. No text of a stranger is in them, only what SkyCrate made up itself. */
export interface MailTemplates {
  test(): MailText
  signUpCode(code: string): MailText
  /** Somebody signed up with the address of an account. */
  accountExists(): MailText
  resetCode(code: string): MailText
  accountDeletion(at: Date): MailText
  factorChange(change: FactorChange): MailText
  invitation(link: string, expiresAt: Date): MailText
  /** @param failed objects that could not be restored */
  archiveRestored(bucket: string, done: number, failed: number): MailText
  /** An administrator created the link. */
  resetLink(link: string, expiresAt: Date): MailText
}

/** @param publicUrl where the web app is */
export function createMailTemplates(publicUrl: string): MailTemplates {
  const site = publicUrl.replace(/\/$/, '')
  const { host } = new URL(publicUrl)
  const mail = (subject: string, ...paragraphs: string[]): MailText => ({
    subject,
    text: `${[...paragraphs, '-- ', `${FOOTER} at ${site}`].join('\n\n').replace('-- \n\n', '-- \n')}\n`,
  })
  return {
    test: () => mail(`Test mail of SkyCrate at ${host}`, 'SkyCrate can send mails. There is nothing to do.'),
    signUpCode: (code) =>
      mail(
        `${code} is your SkyCrate code`,
        `To confirm your e-mail address for SkyCrate at ${host}, enter this code where you signed up:`,
        code,
        'It is good for ten minutes. If you did not sign up, ignore this mail, and give the code to nobody.',
      ),
    accountExists: () =>
      mail(
        `You have an account with SkyCrate at ${host}`,
        'Somebody, maybe you, signed up with your e-mail address, which has an account already. Nothing was changed.',
        `Sign in at ${site}/sign-in. If you forgot the password, set a new one at ${site}/forgot-password.`,
      ),
    resetCode: (code) =>
      mail(
        `${code} is your SkyCrate code`,
        `To set a new password for SkyCrate at ${host}, enter this code where you asked for it:`,
        code,
        'It is good for ten minutes. If you did not ask for it, ignore this mail, and give the code to nobody. Your password stays as it is.',
      ),
    accountDeletion: (at) =>
      mail(
        `Your account with SkyCrate at ${host} will be deleted`,
        `You deleted your account. It and its files will be gone after ${inWords(at)}.`,
        `To keep it, sign in before: ${site}/sign-in`,
        'If it was not you, sign in and change your password.',
      ),
    factorChange: (change) =>
      mail(
        `The way you sign in to SkyCrate at ${host} has changed`,
        FACTOR_CHANGES[change],
        `If this was not you, sign in at ${site}/profile, change your password, delete what you do not know, and end the other sessions. If you can't sign in, ask an administrator.`,
      ),
    invitation: (link, expiresAt) =>
      mail(
        `You are invited to SkyCrate at ${host}`,
        'An administrator created an account for you. Open this link to choose a password:',
        link,
        `The link works once, until ${inWords(expiresAt)}. If you did not expect it, ignore this mail.`,
      ),
    archiveRestored: (bucket, done, failed) =>
      mail(
        failed === 0 ? `Your files are back from the archive` : `Some of your files could not be restored`,
        `You gave archived files in ${bucket} another storage class. ${done} of them can be opened again.`,
        ...(failed === 0 ? [] : [`${failed} could not be restored. Try again, or ask an administrator.`]),
        `Open them at ${site}/files/${encodeURIComponent(bucket)}`,
      ),
    resetLink: (link, expiresAt) =>
      mail(
        `Choose a new password for SkyCrate at ${host}`,
        'An administrator created a link for you to set a new password:',
        link,
        `The link works once, until ${inWords(expiresAt)}. Until you use it, your password stays as it is.`,
      ),
  }
}

const inWords = (time: Date): string => `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
