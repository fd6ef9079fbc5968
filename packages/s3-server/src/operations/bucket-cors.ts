import { bucketSettingOperations } from '../bucket-setting-operations.ts'
import type { CorsRule } from '../cors.ts'
import { S3Error } from '../s3-error.ts'
import { childrenOf, optionalText } from '@skycrate/aws-wire/read-xml'
import type { XmlNode } from '@skycrate/aws-wire/read-xml'
import { element, optionalElement } from '@skycrate/aws-wire/write-xml'

const METHODS = new Set(['GET', 'PUT', 'POST', 'DELETE', 'HEAD'])
const MAX_RULES = 100

const texts = (rule: XmlNode, name: string): string[] => childrenOf(rule, name).map((child) => child.text)

const checkPatterns = (patterns: readonly string[], what: string): void => {
  const wrong = patterns.find((pattern) => pattern.split('*').length > 2)
  if (wrong !== undefined) {
    throw new S3Error('InvalidRequest', { message: `${what} "${wrong}" can not have more than one wildcard.` })
  }
}

// An answer's header must not hold a line break that an administrator's document slipped in.
const checkHeaderNames = (names: readonly string[]): void => {
  const wrong = names.find((name) => !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name))
  if (wrong !== undefined)
    throw new S3Error('InvalidRequest', { message: 'A header name in the CORS rule is not valid.' })
}

const readRule = (node: XmlNode): CorsRule => {
  const id = optionalText(node, 'ID')
  const maxAge = optionalText(node, 'MaxAgeSeconds')
  const rule: CorsRule = {
    allowedOrigins: texts(node, 'AllowedOrigin'),
    allowedMethods: texts(node, 'AllowedMethod'),
    allowedHeaders: texts(node, 'AllowedHeader'),
    exposeHeaders: texts(node, 'ExposeHeader'),
    ...(id === undefined ? {} : { id }),
    ...(maxAge === undefined ? {} : { maxAgeSeconds: Number(maxAge) }),
  }
  if (rule.allowedOrigins.length === 0 || rule.allowedMethods.length === 0) throw new S3Error('MalformedXML')
  if (maxAge !== undefined && !/^[0-9]{1,9}$/.test(maxAge)) throw new S3Error('MalformedXML')
  const method = rule.allowedMethods.find((name) => !METHODS.has(name))
  if (method !== undefined) {
    throw new S3Error('InvalidRequest', {
      message: `Found unsupported HTTP method in CORS config. Unsupported method is ${method}`,
    })
  }
  checkPatterns(rule.allowedOrigins, 'AllowedOrigin')
  checkPatterns(rule.allowedHeaders, 'AllowedHeader')
  checkHeaderNames([...rule.allowedHeaders, ...rule.exposeHeaders])
  return rule
}

export const bucketCors = bucketSettingOperations<readonly CorsRule[]>({
  name: 'BucketCors',
  kind: 'cors',
  subresource: 'cors',
  root: 'CORSConfiguration',
  actions: { get: 's3:GetBucketCORS', put: 's3:PutBucketCORS' },
  missing: 'NoSuchCORSConfiguration',
  putStatus: 200,
  read: (root) => {
    const rules = childrenOf(root, 'CORSRule').map(readRule)
    if (rules.length === 0 || rules.length > MAX_RULES) throw new S3Error('MalformedXML')
    return rules
  },
  write: (rules) =>
    element(
      'CORSConfiguration',
      rules.map((rule) =>
        element('CORSRule', [
          optionalElement('ID', rule.id),
          ...rule.allowedOrigins.map((origin) => element('AllowedOrigin', origin)),
          ...rule.allowedMethods.map((method) => element('AllowedMethod', method)),
          ...rule.allowedHeaders.map((header) => element('AllowedHeader', header)),
          ...rule.exposeHeaders.map((header) => element('ExposeHeader', header)),
          optionalElement('MaxAgeSeconds', rule.maxAgeSeconds),
        ]),
      ),
    ),
})
