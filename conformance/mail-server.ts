import { type AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  readonly to: readonly string[]
  readonly source: string
}

/** A real SMTP server on loopback. */
export interface MailServer extends AsyncDisposable {
  readonly port: number
  readonly url: string
  readonly mails: readonly ReceivedMail[]
  /** Tells the client nothing more once a mail has come, until it is let go. */
  hold(): { readonly arrived: Promise<void>; letGo(): void }
}

export async function startMailServer(
  options: { readonly port?: number; readonly refuse?: (recipient: string) => boolean } = {},
): Promise<MailServer> {
  const mails: ReceivedMail[] = []
  let holding: { arrived: () => void; finish: (() => void)[] } | undefined
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    closeTimeout: 100,
    onRcptTo({ address }, _session, done) {
      done(options.refuse?.(address) ? Object.assign(new Error('no such user'), { responseCode: 550 }) : undefined)
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address)
        mails.push({ to, source: Buffer.concat(chunks).toString('utf8') })
        if (!holding) return done()
        holding.finish.push(done)
        holding.arrived()
      })
    },
  })
  // Clients that are killed are part of the tests.
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    mails,
    hold() {
      const { promise: arrived, resolve } = Promise.withResolvers<void>()
      const finish: (() => void)[] = []
      holding = { arrived: resolve, finish }
      return {
        arrived,
        letGo() {
          holding = undefined
          for (const answer of finish) answer()
        },
      }
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** The text of a mail, whatever its transfer encoding. */
export function textOf({ source }: ReceivedMail): string {
  const [head = '', ...body] = source.split('\r\n\r\n')
  const text = body.join('\r\n\r\n')
  if (/content-transfer-encoding: base64/i.test(head)) return Buffer.from(text, 'base64').toString('utf8')
  if (!/content-transfer-encoding: quoted-printable/i.test(head)) return text
  return text
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

export const headerOf = ({ source }: ReceivedMail, name: string): string | undefined =>
  new RegExp(`^${name}: (.*)$`, 'im').exec(source.split('\r\n\r\n')[0] ?? '')?.[1]?.trim()
