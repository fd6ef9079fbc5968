import { WEBHOOK_NAME } from '@skycrate/s3-server/notifications/destination-arn'
import type { Webhook } from '@skycrate/s3-server/notifications/webhook'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { schemaMistakes } from './schema-mistakes.ts'
import type { Parsed } from './setting.ts'

const validator = Compile(
  Type.Array(
    Type.Object(
      {
        name: Type.String(),
        url: Type.String(),
        secret: Type.Optional(Type.String({ minLength: 1 })),
      },
      { additionalProperties: false },
    ),
    { maxItems: 64 },
  ),
)

const ENCODED_SECRET = /^whsec_[A-Za-z0-9+/]+={0,2}$/

/** Webhooks of the embedded store as JSON. Every mistake is named, without URLs and secrets. */
export function parseWebhooks(text: string): Parsed<readonly Webhook[]> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return {
      mistake:
        'must be JSON: an array such as [{"name": "thumbnails", "url": "https://media.example.com/events", "secret": "whsec_…"}]',
    }
  }
  if (!validator.Check(value)) {
    return { mistake: `must be an array of webhooks: ${schemaMistakes(validator.Errors(value))}` }
  }
  const names = value.map(({ name }) => name)
  const mistakes = value.flatMap(({ name, url, secret }, at) => [
    ...(WEBHOOK_NAME.test(name) ? [] : [`/${at}/name must have 1 to 64 letters, digits, - and _`]),
    ...(isWebhookUrl(url) ? [] : [`/${at}/url must be a URL of http or https without a user`]),
    ...(secret?.startsWith('whsec_') && !ENCODED_SECRET.test(secret)
      ? [`/${at}/secret must have base64 after whsec_`]
      : []),
    ...(names.indexOf(name) === at ? [] : [`/${at}/name is that of /${names.indexOf(name)}`]),
  ])
  return mistakes.length > 0 ? { mistake: mistakes.join('; ') } : { value }
}

function isWebhookUrl(text: string): boolean {
  const { protocol = '', username = '', password = '' } = URL.parse(text) ?? {}
  return /^https?:$/.test(protocol) && username === '' && password === ''
}
