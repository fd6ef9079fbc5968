/** A refusal, named as Amplify names it: `code` and `name` are those of Cognito, such as `NotAuthorizedException`. */
export class AmplifyError extends Error {
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = code
    this.code = code
  }
}
