/**
 * Why a request isn't accepted. Each reason is one S3 error with its usual wording: the code decides the HTTP status,
 * which the server's own table holds.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
const REFUSALS = {
  'uri-invalid': ['InvalidURI', "Couldn't parse the specified URI."],
  'authorization-type-unsupported': ['InvalidArgument', 'Unsupported Authorization Type'],
  'signature-version-unsupported': [
    'InvalidRequest',
    'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
  ],
  'authorization-duplicated': ['InvalidArgument', 'A request carries one Authorization header.'],
  'authorization-malformed': ['AuthorizationHeaderMalformed', 'The authorization header is malformed.'],
  'authorization-credential-malformed': [
    'AuthorizationHeaderMalformed',
    'The authorization header is malformed; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
  ],
  'authorization-region-wrong': [
    'AuthorizationHeaderMalformed',
    'The authorization header is malformed; the region is wrong.',
  ],
  'authorization-service-wrong': [
    'AuthorizationHeaderMalformed',
    'The authorization header is malformed; incorrect service.',
  ],
  'authorization-date-wrong': [
    'AuthorizationHeaderMalformed',
    'The authorization header is malformed; the credential date is not the date of the request.',
  ],
  'query-parameters-missing': [
    'AuthorizationQueryParametersError',
    'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
  ],
  'query-parameters-duplicated': [
    'AuthorizationQueryParametersError',
    'Each authentication query parameter may be given once only.',
  ],
  'query-algorithm-unsupported': [
    'AuthorizationQueryParametersError',
    'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256".',
  ],
  'query-credential-malformed': [
    'AuthorizationQueryParametersError',
    'Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
  ],
  'query-region-wrong': [
    'AuthorizationQueryParametersError',
    'Error parsing the X-Amz-Credential parameter; the region is wrong.',
  ],
  'query-service-wrong': [
    'AuthorizationQueryParametersError',
    'Error parsing the X-Amz-Credential parameter; incorrect service.',
  ],
  'query-date-malformed': [
    'AuthorizationQueryParametersError',
    "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\".",
  ],
  'query-date-wrong': [
    'AuthorizationQueryParametersError',
    'Invalid credential date. This date is not the same as X-Amz-Date.',
  ],
  'query-expires-not-a-number': ['AuthorizationQueryParametersError', 'X-Amz-Expires should be a number.'],
  'query-expires-too-small': ['AuthorizationQueryParametersError', 'X-Amz-Expires must be at least 1 second.'],
  'query-expires-too-large': [
    'AuthorizationQueryParametersError',
    'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be at most 604800 seconds.',
  ],
  'query-signed-headers-malformed': [
    'AuthorizationQueryParametersError',
    'X-Amz-SignedHeaders must be lower-case header names in order, each once, separated by ";", "host" among them.',
  ],
  'query-signature-malformed': [
    'AuthorizationQueryParametersError',
    'X-Amz-Signature must be 64 lower-case hexadecimal digits.',
  ],
  'date-missing': ['AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header.'],
  'time-skewed': [
    'RequestTimeTooSkewed',
    "The difference between the request time and the server's time is too large.",
  ],
  'not-yet-valid': ['AccessDenied', 'Request is not yet valid.'],
  expired: ['AccessDenied', 'Request has expired'],
  'headers-not-signed': ['AccessDenied', 'There were headers present in the request which were not signed'],
  'payload-hash-missing': ['InvalidRequest', 'Missing required header for this request: x-amz-content-sha256'],
  'payload-hash-invalid': [
    'InvalidArgument',
    'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, or a valid sha256 value.',
  ],
  'access-key-unknown': ['InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.'],
  'token-invalid': ['InvalidToken', 'The provided token is malformed or otherwise invalid.'],
  'token-expired': ['ExpiredToken', 'The provided token has expired.'],
  'signature-mismatch': [
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  ],
  'form-fields-missing': [
    'InvalidArgument',
    'A POST form needs x-amz-algorithm, x-amz-credential, x-amz-date and x-amz-signature.',
  ],
  'form-algorithm-unsupported': ['InvalidArgument', 'x-amz-algorithm only supports "AWS4-HMAC-SHA256".'],
  'form-credential-malformed': [
    'InvalidArgument',
    'x-amz-credential must be "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request", of this region and service and of the day of x-amz-date.',
  ],
  'form-date-malformed': ['InvalidArgument', "x-amz-date must be in the form yyyyMMdd'T'HHmmss'Z'."],
} as const satisfies Record<string, readonly [code: string, message: string]>

export type VerifyRefusalReason = keyof typeof REFUSALS
export type VerifyRefusalCode = (typeof REFUSALS)[VerifyRefusalReason][0]

export interface VerifyRefusal {
  readonly outcome: 'refused'
  readonly reason: VerifyRefusalReason
  /** S3's error code. */
  readonly code: VerifyRefusalCode
  /** For the `Message` element. Tells nothing but what the client sent or could know. */
  readonly message: string
  /** Further elements of S3's error, such as `Region` or `HeadersNotSigned`. Not escaped. */
  readonly details: Readonly<Record<string, string>>
}

export function refuse(reason: VerifyRefusalReason, details: Readonly<Record<string, string>> = {}): VerifyRefusal {
  const [code, message] = REFUSALS[reason]
  return { outcome: 'refused', reason, code, message, details }
}
