import { bucketSettingOperations } from '../bucket-setting-operations.ts'
import { isKeyId } from '../encryption/default-encryption.ts'
import type { DefaultEncryption } from '../encryption/default-encryption.ts'
import { S3Error } from '../s3-error.ts'
import { childrenOf, optionalText, requiredChild, requiredText } from '@skycrate/aws-wire/read-xml'
import type { XmlNode } from '@skycrate/aws-wire/read-xml'
import { element, optionalElement } from '@skycrate/aws-wire/write-xml'

const RULE = ['ApplyServerSideEncryptionByDefault', 'BucketKeyEnabled', 'BlockedEncryptionTypes']

const readFlag = (text: string | undefined): boolean => {
  if (text === undefined || text === 'false') return false
  if (text === 'true') return true
  throw new S3Error('MalformedXML')
}

/** `NONE` stands alone: nothing is blocked. */
const readBlocked = (rule: XmlNode): DefaultEncryption['blocked'] => {
  const [node] = childrenOf(rule, 'BlockedEncryptionTypes')
  if (node === undefined) return undefined
  const types = childrenOf(node, 'EncryptionType').map(({ text }) => text.trim())
  if (types.length !== 1 || (types[0] !== 'NONE' && types[0] !== 'SSE-C')) throw new S3Error('MalformedXML')
  return types[0] === 'SSE-C' ? ['SSE-C'] : []
}

/**
 * New objects of the bucket are then encrypted at rest, each with a key of its own.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html
 */
export const bucketEncryption = bucketSettingOperations<DefaultEncryption>({
  name: 'BucketEncryption',
  kind: 'encryption',
  subresource: 'encryption',
  root: 'ServerSideEncryptionConfiguration',
  actions: { get: 's3:GetEncryptionConfiguration', put: 's3:PutEncryptionConfiguration' },
  missing: 'ServerSideEncryptionConfigurationNotFoundError',
  putStatus: 200,
  read: (root) => {
    const rule = requiredChild(root, 'Rule')
    const byDefault = requiredChild(rule, 'ApplyServerSideEncryptionByDefault')
    const algorithm = requiredText(byDefault, 'SSEAlgorithm').trim()
    const keyId = optionalText(byDefault, 'KMSMasterKeyID')?.trim()
    const beyond = rule.children.find(({ name }) => !RULE.includes(name))
    if (beyond !== undefined) throw new S3Error('NotImplemented', { message: `${beyond.name} is not implemented.` })
    if (algorithm === 'aws:kms:dsse') {
      throw new S3Error('NotImplemented', { message: 'aws:kms:dsse is not implemented.' })
    }
    if (algorithm !== 'AES256' && algorithm !== 'aws:kms') throw new S3Error('MalformedXML')
    if (algorithm === 'AES256' && keyId !== undefined) {
      throw new S3Error('InvalidArgument', {
        message: 'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
      })
    }
    if (keyId !== undefined && keyId !== '' && !isKeyId(keyId)) {
      throw new S3Error('InvalidArgument', { message: 'Invalid keyId' })
    }
    const blocked = readBlocked(rule)
    return {
      algorithm,
      ...(keyId === undefined || keyId === '' ? {} : { keyId }),
      bucketKey: readFlag(optionalText(rule, 'BucketKeyEnabled')?.trim()),
      ...(blocked === undefined ? {} : { blocked }),
    }
  },
  write: ({ algorithm, keyId, bucketKey, blocked }) =>
    element('ServerSideEncryptionConfiguration', [
      element('Rule', [
        element('ApplyServerSideEncryptionByDefault', [
          element('SSEAlgorithm', algorithm),
          optionalElement('KMSMasterKeyID', keyId),
        ]),
        element('BucketKeyEnabled', bucketKey ?? false),
        blocked === undefined
          ? undefined
          : element('BlockedEncryptionTypes', [element('EncryptionType', blocked.length === 0 ? 'NONE' : 'SSE-C')]),
      ]),
    ]),
})
