import { EMPTY_SHA256 } from '@skycrate/core/sigv4/canonical'
import { canonicalQuery } from '@skycrate/core/sigv4/query'
import { signRequest } from '@skycrate/core/sigv4/sign'
import { measure } from './measure.ts'
import { startSkyCrate } from './skycrate-target.ts'
import { printTable } from './table.ts'
import { postRequest } from './target.ts'

const CONNECTIONS = 16
const LIBRARY = 'skycrate-library'

interface Way {
  readonly name: string
  readonly request: string
  /** URLs of one answer, for a batch. */
  readonly each?: number
}

function rawRequest(method: string, path: string, headers: Readonly<Record<string, string>>, body = ''): string {
  const length = method === 'GET' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
  const lines = Object.entries({ ...headers, ...length }).map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${path} HTTP/1.1`, ...lines, '', body].join('\r\n')
}

const form = (fields: Readonly<Record<string, string>>): string =>
  new URLSearchParams({ Version: '2011-06-15', ...fields }).toString()

/** Credentials by the API and by each door, and URLs in batches, with the audit log durable: by turns, medians. */
export async function doors(options: { readonly rounds: number; readonly seconds: number }): Promise<void> {
  await using target = await startSkyCrate()
  const { token, port, pids } = target
  const host = `127.0.0.1:${port}`
  const url = `http://${host}`
  const text = async (path: string, init: RequestInit): Promise<string> => {
    const response = await fetch(url + path, init)
    const answer = await response.text()
    if (!response.ok) throw new Error(`${path}: ${response.status} ${answer}`)
    return answer
  }
  const assume = { Action: 'AssumeRoleWithWebIdentity', WebIdentityToken: token, RoleSessionName: 'bench' }
  const location = `arn:skycrate:iam:::location/${LIBRARY}/public/`
  const stsHeaders = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const keys = await text('/sts', { method: 'POST', headers: stsHeaders, body: form(assume) })
  const of = (name: string): string => new RegExp(`<${name}>([^<]*)<`).exec(keys)?.[1] ?? ''
  const me = JSON.parse(await text('/api/v1/auth/me', { headers: { authorization: `Bearer ${token}` } })) as {
    id: string
  }

  const path = '/v20180820/accessgrantsinstance/dataaccess'
  const query = [
    ['permission', 'READWRITE'],
    ['target', `s3://${LIBRARY}/public/*`],
  ] as const
  const signed = signRequest({
    method: 'GET',
    host,
    path,
    query,
    payloadHash: EMPTY_SHA256,
    credentials: {
      accessKeyId: of('AccessKeyId'),
      secretAccessKey: of('SecretAccessKey'),
      sessionToken: of('SessionToken'),
    },
    region: 'us-east-1',
    service: 's3',
    now: Date.now(),
  })
  const cognito = JSON.stringify({ IdentityId: me.id, Logins: { [issuerOf(token)]: token } })
  const single = { bucket: LIBRARY, key: 'public/report.pdf', operation: 'get' }
  const batch = (count: number): string =>
    postRequest('/api/v1/s3/presigned-urls', host, { requests: Array.from({ length: count }, () => single) }, token)

  const ways: readonly Way[] = [
    { name: 'POST s3/presigned-url', request: postRequest('/api/v1/s3/presigned-url', host, single, token) },
    { name: 'POST s3/presigned-urls, 100', request: batch(100), each: 100 },
    { name: 'POST s3/presigned-urls, 1,000', request: batch(1000), each: 1000 },
    {
      name: 'POST credentials',
      request: postRequest('/api/v1/credentials', host, { bucket: LIBRARY, prefix: 'public/' }, token),
    },
    {
      name: '/sts, one location',
      request: rawRequest('POST', '/sts', { Host: host, ...stsHeaders }, form({ ...assume, RoleArn: location })),
    },
    {
      name: '/sts, all locations',
      request: rawRequest('POST', '/sts', { Host: host, ...stsHeaders }, form(assume)),
    },
    {
      name: '/container-credentials, one location',
      request: rawRequest('GET', `/container-credentials?bucket=${LIBRARY}&prefix=public/`, {
        Host: host,
        Authorization: `Bearer ${token}`,
      }),
    },
    {
      name: '/cognito-identity, all locations',
      request: rawRequest(
        'POST',
        '/cognito-identity',
        {
          Host: host,
          'Content-Type': 'application/x-amz-json-1.1',
          'X-Amz-Target': 'AWSCognitoIdentityService.GetCredentialsForIdentity',
        },
        cognito,
      ),
    },
    {
      name: 'S3 Access Grants, one location',
      request: rawRequest('GET', `${path}?${canonicalQuery(query)}`, { host, ...signed.headers }),
    },
  ]
  const measured = new Map<Way, { perSecond: number; p50: number; p99: number; cpu: number }[]>()
  for (let round = 0; round < options.rounds; round++) {
    for (const way of ways) {
      const job = { host: '127.0.0.1', port, request: way.request, connections: CONNECTIONS }
      const run = await measure({ ...job, warmUpMs: 1000, durationMs: options.seconds * 1000 }, pids)
      measured.set(way, [...(measured.get(way) ?? []), run])
    }
  }
  const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
  printTable(
    ['request', 'requests/s', 'URLs/s', 'p50 ms', 'p99 ms', 'CPU us/request'],
    Array.from(measured, ([{ name, each }, runs]) => {
      const perSecond = median(runs.map((run) => run.perSecond))
      return [
        name,
        Math.round(perSecond),
        each === undefined ? '' : Math.round(perSecond * each),
        median(runs.map((run) => run.p50)).toFixed(2),
        median(runs.map((run) => run.p99)).toFixed(2),
        Math.round(median(runs.map((run) => run.cpu))),
      ]
    }),
    `${CONNECTIONS} connections; medians of ${options.rounds} rounds of ${options.seconds} s`,
  )
}

/** The issuer of a token as a login names it. */
function issuerOf(token: string): string {
  const { iss } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { iss: string }
  return iss.replace(/^https?:\/\//, '')
}
