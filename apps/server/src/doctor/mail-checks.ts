import type { Config } from '../config/config.ts'
import { AppError } from '../errors/app-error.ts'
import { openSmtp } from '../mail/smtp.ts'
import { bad, checksOf, type Finding, good, messageOf, warning } from './finding.ts'

/** Signs in to the SMTP server, and sends nothing. */
export async function checkMail({ mail, production }: Config): Promise<readonly Finding[]> {
  const checks = checksOf('mail')
  const { smtp } = mail
  await checks.run('smtp', 'SMTP server', async () => {
    if (smtp === undefined) {
      const detail = 'No SMTP server is configured: mails stay in the outbox, where administrators read them.'
      return production
        ? warning(detail, 'Set SKYCRATE_SMTP_URL, so that invitations and codes reach people.')
        : good(detail)
    }
    await using server = openSmtp(smtp, mail)
    try {
      await server.verify()
      return good(`${server.server} takes mails from ${mail.from}${smtp.user === undefined ? '' : ', signed in'}.`)
    } catch (error) {
      const detail = error instanceof AppError && error.detail !== undefined ? error.detail : messageOf(error)
      return bad(
        `${detail}.`,
        'Correct SKYCRATE_SMTP_URL (host, port, user, password, TLS), and let this machine reach the server.',
      )
    }
  })
  return checks.findings
}
