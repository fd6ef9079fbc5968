import { X509Certificate } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import { type Certificate, type CertificateFiles, readCertificate } from './certificate.ts'

/** Milliseconds between two looks at the files: content says more than the times and links that tools leave. */
const LOOK_MS = 30_000

export interface CertificateWatch extends Disposable {
  /** Takes up at once what was renewed. Never rejects: errors are in the log. */
  look(): Promise<void>
}

/**
 * Takes up a certificate whenever its files hold another one. Files that are no pair are told once, and what is in use
 * stays: tools write one file after the other.
 *
 * @param take gives it to the server
 */
export function watchCertificate(options: {
  readonly files: CertificateFiles
  readonly inUse: Certificate
  readonly take: (certificate: Certificate) => void | Promise<void>
  readonly logger: FastifyBaseLogger
  readonly lookMs?: number
}): CertificateWatch {
  const { files, take, logger } = options
  let { inUse } = options
  let told: string | undefined

  async function look(): Promise<void> {
    try {
      const found = await readCertificate(files)
      if (found.cert !== inUse.cert || found.key !== inUse.key) {
        await take(found)
        inUse = found
        logger.info({ file: files.cert, validTo: new X509Certificate(found.cert).validTo }, 'took up a certificate')
      }
      told = undefined
    } catch (error) {
      const { message } = error as Error
      if (told !== message) {
        logger.error(
          { reason: message, inUseUntil: new X509Certificate(inUse.cert).validTo },
          'a certificate could not be taken up: the one before stays in use',
        )
      }
      told = message
    }
  }

  let looking = Promise.resolve()
  const lookInTurn = (): Promise<void> => (looking = looking.then(look))
  const timer = setInterval(() => void lookInTurn(), options.lookMs ?? LOOK_MS)
  timer.unref()
  return {
    look: lookInTurn,
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
