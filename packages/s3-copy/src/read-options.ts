import { parseArgs } from 'node:util'
import { ATTRIBUTES } from './attributes.ts'
import type { Mode } from './bucket-copy.ts'
import { BUCKET_SETTINGS } from './bucket-settings.ts'
import type { EndpointOptions } from './endpoint.ts'
import { UsageError } from './usage-error.ts'

export interface Options {
  readonly from: EndpointOptions
  readonly to: EndpointOptions
  readonly buckets: readonly string[]
  readonly renamed: ReadonlyMap<string, { readonly bucket: string; readonly prefix: string }>
  readonly mode: Mode
  readonly concurrency: number
  readonly reportFile: string
  readonly accepted: ReadonlySet<string>
  readonly left: ReadonlySet<string>
  readonly restoreDays: number | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

const SETTINGS: ReadonlySet<string> = new Set(BUCKET_SETTINGS.map(({ name }) => name))
const ACCEPTABLE: ReadonlySet<string> = new Set([...ATTRIBUTES, ...SETTINGS])

const readNames = (
  option: string,
  text: string,
  known: ReadonlySet<string>,
): { names: Set<string>; mistakes: string[] } => {
  const names = new Set(text.split(',').filter((name) => name !== ''))
  const unknown = [...names].filter((name) => !known.has(name))
  return { names, mistakes: unknown.map((name) => `${option} ${name} is none of: ${[...known].join(', ')}`) }
}

const readEndpoint = (
  side: 'SOURCE' | 'TARGET',
  option: string,
  url: string | undefined,
  environment: Environment,
): { endpoint: EndpointOptions; mistakes: string[] } => {
  const value = (name: string): string => environment[`S3_${side}_${name}`] ?? ''
  const mistakes = ['ACCESS_KEY_ID', 'SECRET_ACCESS_KEY']
    .filter((name) => value(name) === '')
    .map((name) => `S3_${side}_${name} is not set`)
  if (url === undefined || !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    mistakes.push(`${option} is not an http or https URL`)
  const sessionToken = value('SESSION_TOKEN')
  return {
    mistakes,
    endpoint: {
      url: url ?? '',
      region: value('REGION') === '' ? 'us-east-1' : value('REGION'),
      credentials: {
        accessKeyId: value('ACCESS_KEY_ID'),
        secretAccessKey: value('SECRET_ACCESS_KEY'),
        ...(sessionToken === '' ? {} : { sessionToken }),
      },
    },
  }
}

/** @throws UsageError naming every mistake */
export const readOptions = (args: readonly string[], environment: Environment): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      bucket: { type: 'string', multiple: true, default: [] },
      map: { type: 'string', multiple: true, default: [] },
      report: { type: 'string', default: 'skycrate-s3-copy.jsonl' },
      concurrency: { type: 'string', default: '16' },
      accept: { type: 'string', default: '' },
      leave: { type: 'string', default: '' },
      restore: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      verify: { type: 'boolean', default: false },
      deep: { type: 'boolean', default: false },
    },
  })
  const from = readEndpoint('SOURCE', '--from', values.from, environment)
  const to = readEndpoint('TARGET', '--to', values.to, environment)
  const mistakes = [...from.mistakes, ...to.mistakes]

  const renamed = new Map<string, { bucket: string; prefix: string }>()
  for (const text of values.map) {
    const [, bucket = '', target = '', prefix = ''] = /^([^=/]+)=([^/]+)\/?(.*)$/s.exec(text) ?? []
    if (bucket === '') mistakes.push(`--map ${text} is not BUCKET=BUCKET or BUCKET=BUCKET/PREFIX/`)
    else if (prefix !== '' && !prefix.endsWith('/')) mistakes.push(`--map ${text} does not end in /`)
    else renamed.set(bucket, { bucket: target, prefix })
  }
  const accepted = readNames('--accept', values.accept, ACCEPTABLE)
  const left = readNames('--leave', values.leave, SETTINGS)
  mistakes.push(...accepted.mistakes, ...left.mistakes)
  const concurrency = Number(values.concurrency)
  if (!/^[0-9]{1,3}$/.test(values.concurrency) || concurrency < 1 || concurrency > 256) {
    mistakes.push('--concurrency is not 1 to 256')
  }
  const restoreDays = values.restore === undefined ? undefined : Number(values.restore)
  if (values.restore !== undefined && !/^[1-9][0-9]{0,4}$/.test(values.restore)) {
    mistakes.push('--restore is not a number of days')
  }
  if (values['dry-run'] && values.verify) mistakes.push('--dry-run and --verify exclude each other')
  if (values.deep && !values.verify) mistakes.push('--deep belongs to --verify')
  if (mistakes.length > 0) throw new UsageError(mistakes.join('\n'))
  return {
    from: from.endpoint,
    to: to.endpoint,
    buckets: values.bucket,
    renamed,
    mode: values['dry-run'] ? 'dry-run' : values.verify ? (values.deep ? 'verify-deep' : 'verify') : 'copy',
    concurrency,
    reportFile: values.report,
    accepted: accepted.names,
    left: left.names,
    restoreDays,
  }
}
