import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto'

/** An authenticator in software: what a browser answers, and what an attacker would like it to. */
export interface TestAuthenticator {
  readonly id: string
  create(options: object, lie?: Lie): object
  get(options: object, lie?: Lie): object
}

/** What the answer says otherwise than a browser would. */
export interface Lie {
  readonly origin?: string
  readonly rpId?: string
  readonly challenge?: string
  readonly counter?: number
  /** Whether the person was verified. */
  readonly verified?: boolean
  readonly id?: string
  readonly userHandle?: string
}

interface Options {
  readonly challenge: string
  readonly rp?: { readonly id: string }
  readonly rpId?: string
  readonly user?: { readonly id: string }
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest()

export function testAuthenticator(origin: string): TestAuthenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x, y } = publicKey.export({ format: 'jwk' })
  const credentialId = randomBytes(16)
  const id = base64url(credentialId)
  let counter = 0
  let userHandle: string | undefined

  const dataOf = (rpId: string, attested: Buffer | undefined, lie: Lie): Buffer => {
    const flags = 0x01 | (lie.verified === false ? 0 : 0x04) | (attested ? 0x40 : 0)
    const head = Buffer.alloc(5)
    head.writeUInt8(flags, 0)
    head.writeUInt32BE(lie.counter ?? counter, 1)
    return Buffer.concat([sha256(lie.rpId ?? rpId), head, ...(attested ? [attested] : [])])
  }
  const clientData = (type: string, challenge: string, lie: Lie): Buffer =>
    Buffer.from(
      JSON.stringify({
        type,
        challenge: lie.challenge ?? challenge,
        origin: lie.origin ?? origin,
        crossOrigin: false,
      }),
    )
  const answer = (response: object, lie: Lie): object => ({
    id: lie.id ?? id,
    rawId: lie.id ?? id,
    type: 'public-key',
    clientExtensionResults: {},
    response,
  })

  return {
    id,
    create(given, lie = {}) {
      const { challenge, rp, user } = given as Options
      userHandle = user!.id
      // COSE: EC2, ES256, P-256.
      const key = cbor(
        new Map<number, number | Buffer>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, Buffer.from(x!, 'base64url')],
          [-3, Buffer.from(y!, 'base64url')],
        ]),
      )
      const length = Buffer.alloc(2)
      length.writeUInt16BE(credentialId.length)
      const attested = Buffer.concat([Buffer.alloc(16), length, credentialId, key])
      const attestationObject = cbor(
        new Map<string, unknown>([
          ['fmt', 'none'],
          ['attStmt', new Map()],
          ['authData', dataOf(rp!.id, attested, lie)],
        ]),
      )
      const clientDataJSON = clientData('webauthn.create', challenge, lie)
      return answer(
        {
          clientDataJSON: base64url(clientDataJSON),
          attestationObject: base64url(attestationObject),
          transports: ['internal'],
        },
        lie,
      )
    },
    get(given, lie = {}) {
      const { challenge, rpId } = given as Options
      counter += 1
      const authenticatorData = dataOf(rpId!, undefined, lie)
      const clientDataJSON = clientData('webauthn.get', challenge, lie)
      const signature = createSign('sha256')
        .update(Buffer.concat([authenticatorData, sha256(clientDataJSON)]))
        .sign(privateKey)
      return answer(
        {
          clientDataJSON: base64url(clientDataJSON),
          authenticatorData: base64url(authenticatorData),
          signature: base64url(signature),
          userHandle: lie.userHandle ?? userHandle,
        },
        lie,
      )
    },
  }
}

/** As much of CBOR as these answers need. @see RFC 8949 */
function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value)
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (!(value instanceof Map)) throw new TypeError('not in CBOR')
  return Buffer.concat([
    head(5, value.size),
    ...[...(value as Map<unknown, unknown>)].flatMap(([name, each]) => [cbor(name), cbor(each)]),
  ])
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length])
  if (length < 256) return Buffer.from([(major << 5) | 24, length])
  const long = Buffer.alloc(3)
  long.writeUInt8((major << 5) | 25)
  long.writeUInt16BE(length, 1)
  return long
}
