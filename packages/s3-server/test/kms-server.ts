import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { verifyRequest } from '@skycrate/core/sigv4/verify'

export const KMS_CREDENTIALS = { accessKeyId: 'AKIAKMS', secretAccessKey: 'the secret of the KMS' }
export const KMS_REGION = 'eu-central-1'
export const KMS_KEY = `arn:aws:kms:${KMS_REGION}:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab`

export interface KmsServer extends AsyncDisposable {
  readonly url: string
  /** What was asked of it, in order, with the encryption context. */
  readonly calls: { readonly operation: string; readonly context: Readonly<Record<string, string>> }[]
  /** Set to answer otherwise: by an error of that type, not at all, with keys too short, or by hanging up (so many times). */
  fault:
    | { readonly type: string; readonly status?: number }
    | 'silence'
    | 'short keys'
    | { hangUps: number }
    | undefined
}

interface Parameters {
  readonly KeyId?: string
  readonly KeySpec?: string
  readonly CiphertextBlob?: string
  readonly EncryptionContext?: Readonly<Record<string, string>>
}

const bound = (context: Readonly<Record<string, string>>): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context).toSorted(([one], [other]) => (one < other ? -1 : 1))))

/** A KMS that speaks the JSON protocol of AWS, verifies signatures, and really encrypts. Its one key is `KMS_KEY`. */
export const startKmsServer = async (): Promise<KmsServer> => {
  const master = randomBytes(32)
  const calls: KmsServer['calls'] = []
  const state: { fault: KmsServer['fault'] } = { fault: undefined }

  const generate = (context: Readonly<Record<string, string>>): object => {
    const key = randomBytes(32)
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', master, nonce).setAAD(bound(context))
    const sealed = Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()])
    return { KeyId: KMS_KEY, Plaintext: key.toString('base64'), CiphertextBlob: sealed.toString('base64') }
  }

  const decrypt = (text: string, context: Readonly<Record<string, string>>): object | undefined => {
    const sealed = Buffer.from(text, 'base64')
    const decipher = createDecipheriv('aes-256-gcm', master, sealed.subarray(0, 12))
      .setAAD(bound(context))
      .setAuthTag(sealed.subarray(-16))
    try {
      const key = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()])
      return { KeyId: KMS_KEY, Plaintext: key.toString('base64') }
    } catch {
      return undefined
    }
  }

  const answer = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const refuse = (type: string, status = 400): void => {
      const text = JSON.stringify({ __type: `com.amazonaws.kms#${type}`, message: `refused: ${type}` })
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(text)
    }
    const { fault } = state
    if (fault === 'silence') return
    if (typeof fault === 'object' && 'hangUps' in fault && fault.hangUps > 0) {
      fault.hangUps -= 1
      request.socket.destroy()
      return
    }
    const verdict = verifyRequest(
      { method: request.method ?? '', rawPath: request.url ?? '', rawQuery: '', headers: request.headersDistinct },
      {
        lookup: (id) => (id === KMS_CREDENTIALS.accessKeyId ? KMS_CREDENTIALS : undefined),
        region: KMS_REGION,
        service: 'kms',
        now: Date.now(),
      },
    )
    if (verdict.outcome !== 'verified') {
      refuse('InvalidSignatureException', 403)
      return
    }
    if (verdict.payloadHash !== createHash('sha256').update(body).digest('hex')) {
      refuse('InvalidSignatureException', 403)
      return
    }
    const operation = String(request.headers['x-amz-target']).replace('TrentService.', '')
    const parameters = JSON.parse(body.toString()) as Parameters
    const context = parameters.EncryptionContext ?? {}
    calls.push({ operation, context })
    if (typeof fault === 'object' && 'type' in fault) {
      refuse(fault.type, fault.status)
      return
    }
    if (parameters.KeyId !== KMS_KEY && parameters.KeyId !== 'alias/photos') {
      refuse('NotFoundException')
      return
    }
    const result =
      operation === 'GenerateDataKey' && parameters.KeySpec === 'AES_256'
        ? generate(context)
        : operation === 'Decrypt'
          ? decrypt(parameters.CiphertextBlob ?? '', context)
          : undefined
    if (fault === 'short keys' && result !== undefined) Object.assign(result, { Plaintext: 'c2hvcnQ=' })
    if (result === undefined) refuse('InvalidCiphertextException')
    else response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(result))
  }

  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      answer(request, response, Buffer.concat(pieces))
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    get fault() {
      return state.fault
    },
    set fault(fault) {
      state.fault = fault
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}
