import type { MailConfig, SmtpServer } from '../config/mail.ts'
import { AppError } from '../errors/app-error.ts'
import type { MailAddress } from './mail-address.ts'
import type { MailText } from './mail.ts'

export interface OutgoingMail extends MailText {
  /** The same for every try, so that a mailbox can tell that it has the mail already. */
  readonly id: string
  readonly to: MailAddress
  readonly at: Date
}

/** The SMTP server that mails are handed to. */
export interface Smtp extends AsyncDisposable {
  /** Host and port. */
  readonly server: string
  /** @returns the server's answer @throws AppError `mail-unavailable`, `mail-refused` for what no other try changes */
  send(mail: OutgoingMail): Promise<string>
  /** Connects and signs in, and sends nothing. @throws AppError as `send` */
  verify(): Promise<void>
}

/** Milliseconds. */
const CONNECT_MS = 10_000
const SILENCE_MS = 20_000
/** Of one mail in all, however the server drips. */
const SEND_MS = 60_000

export function openSmtp(server: SmtpServer, mail: Pick<MailConfig, 'from' | 'domain'>): Smtp {
  const { host, port, security, user, password } = server
  const name = `${host}:${port}`
  const open = async () => {
    const { createTransport } = await import('nodemailer')
    return createTransport({
      pool: true,
      maxConnections: 2,
      host,
      port,
      secure: security === 'implicit',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      dnsTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
  }
  let opened: ReturnType<typeof open> | undefined
  /** Opened for the first mail. */
  const transport = () => (opened ??= open())

  return {
    server: name,
    async send({ id, to, subject, text, at }) {
      const late = Promise.withResolvers<never>()
      const timer = setTimeout(() => {
        late.reject(new AppError('mail-unavailable', `${name} did not answer within ${SEND_MS / 1000} seconds`))
      }, SEND_MS)
      try {
        const sending = (await transport()).sendMail({
          // Objects are taken as they are: no text is searched for further addresses.
          from: { name: 'SkyCrate', address: mail.from },
          to: { name: '', address: to },
          envelope: { from: mail.from, to: [to] },
          subject,
          text,
          date: at,
          messageId: `<${id}@${mail.domain}>`,
          // Out-of-office answers help nobody.
          headers: { 'Auto-Submitted': 'auto-generated' },
        })
        sending.catch(() => undefined)
        const { response } = await Promise.race([sending, late.promise])
        return response
      } catch (error) {
        throw error instanceof AppError ? error : failureOf(name, error)
      } finally {
        clearTimeout(timer)
      }
    },
    async verify() {
      try {
        await (await transport()).verify()
      } catch (error) {
        throw failureOf(name, error)
      }
    },
    async [Symbol.asyncDispose]() {
      if (opened !== undefined) (await opened).close()
    },
  }
}

interface SmtpError extends Error {
  readonly code?: string
  readonly response?: string
  readonly responseCode?: number
}

/** What the server said is told to administrators alone. */
function failureOf(server: string, cause: unknown): AppError {
  const { code, response, responseCode = 0, message } = cause as SmtpError
  const said = (response ?? '').replaceAll(/\p{Cc}+/gu, ' ').slice(0, 300)
  // A wrong password is put right by the operator: then the mail goes out.
  if (code === 'EAUTH') return new AppError('mail-unavailable', `${server} refused the sign-in: ${said}`, { cause })
  if (responseCode >= 500) return new AppError('mail-refused', `${server} answered: ${said}`, { cause })
  if (responseCode >= 400) return new AppError('mail-unavailable', `${server} asked to try later: ${said}`, { cause })
  return new AppError('mail-unavailable', `${server} can't be reached: ${message.slice(0, 300)}`, { cause })
}
