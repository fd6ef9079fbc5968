/** No keys of an issuer are at hand, and none can be had. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError'
  /** Whole seconds, 1 or more, before which the issuer is not asked again. */
  readonly retryAfter: number

  constructor(retryAfter: number) {
    super('The keys of the issuer could not be fetched.')
    this.retryAfter = retryAfter
  }
}
