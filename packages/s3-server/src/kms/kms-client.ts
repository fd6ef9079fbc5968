import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Credentials } from '@skycrate/core/sigv4/credentials'
import { signRequest } from '@skycrate/core/sigv4/sign'
import { S3Error } from '../s3-error.ts'
import { KEY_BYTES } from '../store/keys/wrapped-key.ts'

export interface KmsOptions {
  /** Where a service answers that speaks the protocol of AWS KMS. */
  readonly endpoint: string
  readonly region: string
  readonly credentials: Credentials
  /** Milliseconds for one operation, its second attempt included; default 5000. */
  readonly timeout?: number
}

export type KmsContext = Readonly<Record<string, string>>

const TIMEOUT = 5000
const PAUSE = 100

/** What the KMS answered instead of a key. */
class KmsRefusal extends Error {
  readonly type: string
  readonly status: number

  constructor(type: string, status: number, message: string) {
    super(message)
    this.name = type
    this.type = type
    this.status = status
  }

  get isTransient(): boolean {
    return this.status >= 500 || this.type.startsWith('Throttling')
  }
}

const readRefusal = (status: number, text: string): KmsRefusal => {
  let answer: { readonly __type?: unknown; readonly message?: unknown; readonly Message?: unknown } = {}
  try {
    answer = (JSON.parse(text) ?? {}) as typeof answer
  } catch {
    // Not the KMS itself, but something before it.
  }
  const type = typeof answer.__type === 'string' ? (answer.__type.split('#').at(-1) ?? '') : `HTTP ${status}`
  const message = answer.message ?? answer.Message
  return new KmsRefusal(type, status, typeof message === 'string' && message !== '' ? message : type)
}

/** What a client is told. What it can't mend is no business of its own: the cause is for the log. */
const toS3Error = (error: unknown): S3Error => {
  const type = error instanceof KmsRefusal ? error.type : ''
  const message = error instanceof Error ? error.message : ''
  switch (type) {
    case 'NotFoundException':
      return new S3Error('KMS.NotFoundException', { message, cause: error })
    case 'DisabledException':
      return new S3Error('KMS.DisabledException', { message, cause: error })
    case 'KMSInvalidStateException':
    case 'InvalidStateException':
      return new S3Error('KMS.KMSInvalidStateException', { message, cause: error })
    case 'InvalidKeyUsageException':
      return new S3Error('KMS.InvalidKeyUsageException', { message, cause: error })
    case 'ValidationException':
    case 'InvalidArnException':
      return new S3Error('KMS.NotFoundException', { message: 'Invalid keyId', cause: error })
    case 'AccessDeniedException':
      return new S3Error('AccessDenied', { message: 'The KMS does not let the server use this key.', cause: error })
    case 'ThrottlingException':
    case 'LimitExceededException':
      return new S3Error('SlowDown', { cause: error })
    default:
      return new S3Error('ServiceUnavailable', { message: 'The KMS does not answer. Try again.', cause: error })
  }
}

/**
 * Makes and opens keys at a KMS, over the JSON protocol of AWS KMS.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html
 */
export class KmsClient {
  readonly #options: KmsOptions
  readonly #url: URL
  readonly #now: () => number

  /** @param now milliseconds since 1970; signatures carry it */
  constructor(options: KmsOptions, now: () => number) {
    this.#options = options
    this.#url = new URL(options.endpoint)
    this.#now = now
  }

  /**
   * A new key, in the clear and as only the KMS can open it.
   *
   * @throws S3Error for a key that is not there or can't be used, and ServiceUnavailable when the KMS does not answer
   */
  async generate(
    keyId: string,
    context: KmsContext,
  ): Promise<{ readonly keyId: string; readonly key: Buffer; readonly ciphertext: string }> {
    const answer = await this.#call('GenerateDataKey', { KeyId: keyId, KeySpec: 'AES_256', EncryptionContext: context })
    const { KeyId: arn, CiphertextBlob: ciphertext } = answer
    if (typeof ciphertext !== 'string' || ciphertext === '') throw toS3Error(new Error('The KMS sent no ciphertext.'))
    return { keyId: typeof arn === 'string' ? arn : keyId, key: readPlaintext(answer), ciphertext }
  }

  /** Opens a key. @throws S3Error as `generate` */
  async decrypt(keyId: string, ciphertext: string, context: KmsContext): Promise<Buffer> {
    return readPlaintext(
      await this.#call('Decrypt', { KeyId: keyId, CiphertextBlob: ciphertext, EncryptionContext: context }),
    )
  }

  async #call(operation: string, parameters: object): Promise<Record<string, unknown>> {
    const signal = AbortSignal.timeout(this.#options.timeout ?? TIMEOUT)
    const body = JSON.stringify(parameters)
    try {
      return await this.#attempt(operation, body, signal)
    } catch (error) {
      // A refusal stands; a connection that broke or a KMS out of breath gets one more try.
      if (signal.aborted || (error instanceof KmsRefusal && !error.isTransient)) throw toS3Error(error)
    }
    try {
      await sleep(PAUSE, undefined, { signal })
      return await this.#attempt(operation, body, signal)
    } catch (error) {
      throw toS3Error(error)
    }
  }

  async #attempt(operation: string, body: string, signal: AbortSignal): Promise<Record<string, unknown>> {
    const { region, credentials } = this.#options
    const { headers } = signRequest({
      method: 'POST',
      host: this.#url.host,
      path: this.#url.pathname,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${operation}` },
      payloadHash: createHash('sha256').update(body).digest('hex'),
      credentials,
      region,
      service: 'kms',
      now: this.#now(),
    })
    const response = await fetch(this.#url, { method: 'POST', headers, body, signal, redirect: 'error' })
    const text = await response.text()
    if (response.status !== 200) throw readRefusal(response.status, text)
    const answer: unknown = JSON.parse(text)
    if (typeof answer !== 'object' || answer === null) throw new Error('The KMS sent no answer.')
    return answer as Record<string, unknown>
  }
}

const readPlaintext = ({ Plaintext: text }: Record<string, unknown>): Buffer => {
  const key = Buffer.from(typeof text === 'string' ? text : '', 'base64')
  if (key.length !== KEY_BYTES) throw toS3Error(new Error('The KMS sent a key of another size.'))
  return key
}
