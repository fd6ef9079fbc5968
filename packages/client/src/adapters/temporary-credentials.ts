import { SkyCrateError } from '../skycrate-error.ts'

/** As the AWS SDKs name it. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiration: Date
}

/** Credentials that end sooner than this are asked for anew, so that they do not end on the way. */
const RENEW_BEFORE_MS = 60_000

/** Something of a limited lifetime, asked for once however many want it, and again shortly before it ends. */
export function heldUntilItEnds<T extends { readonly expiration: Date }>(fetch: () => Promise<T>) {
  let held: Promise<T> | undefined
  let endsAt = Number.POSITIVE_INFINITY
  return {
    get(): Promise<T> {
      if (held && Date.now() < endsAt - RENEW_BEFORE_MS) return held
      endsAt = Number.POSITIVE_INFINITY
      const asked = fetch()
      held = asked
      asked.then(
        ({ expiration }) => {
          if (held === asked) endsAt = expiration.getTime()
        },
        () => {
          if (held === asked) held = undefined
        },
      )
      return asked
    },
    clear(): void {
      held = undefined
    },
  }
}

/** The refusal of a door that speaks AWS's JSON protocol. */
export function doorError(status: number, body: unknown): SkyCrateError {
  const { __type = '', message } = (body ?? {}) as { __type?: string; message?: string }
  const type = __type.slice(__type.indexOf('#') + 1)
  return new SkyCrateError({
    code: status === 400 ? 'forbidden' : 'unexpected-response',
    title: type === '' ? 'The door did not answer' : type,
    detail: message,
    status,
  })
}
