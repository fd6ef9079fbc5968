import { AmplifyError } from './amplify-error.ts'

const SERVICES = {
  'cognito-idp': 'AWSCognitoIdentityProviderService',
  'cognito-identity': 'AWSCognitoIdentityService',
} as const

/**
 * Calls an operation of SkyCrate's user pool or identity pool.
 * @throws AmplifyError with the service's code; `NetworkError` where nothing answered
 */
export async function callService<T>(
  baseUrl: string,
  service: keyof typeof SERVICES,
  operation: string,
  body: object,
): Promise<T> {
  let response: Response
  try {
    response = await fetch(`${baseUrl}/${service}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${SERVICES[service]}.${operation}` },
      body: JSON.stringify(body),
      credentials: 'omit',
    })
  } catch (error) {
    throw new AmplifyError('NetworkError', 'SkyCrate cannot be reached.', error)
  }
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok) return answer as T
  const { __type: code = 'UnknownError', message = `SkyCrate answered ${response.status}.` } = (answer ?? {}) as {
    __type?: string
    message?: string
  }
  throw new AmplifyError(code, message)
}
