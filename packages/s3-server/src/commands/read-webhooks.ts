import { WEBHOOK_NAME } from '../notifications/destination-arn.ts'
import type { Webhook } from '../notifications/webhook.ts'

export interface ReadWebhooks {
  readonly webhooks: readonly Webhook[]
  readonly mistakes: readonly string[]
}

/** The variable that holds the secret of a webhook: environments know no small letters and no dashes. */
const secretVariable = (name: string): string => `S3_WEBHOOK_SECRET_${name.toUpperCase().replaceAll('-', '_')}`

const isWebhookUrl = (text: string): boolean => {
  const { protocol = '', username = '', password = '' } = URL.parse(text) ?? {}
  // A password on a command line is no secret.
  return /^https?:$/.test(protocol) && username === '' && password === ''
}

/** Reads `NAME=URL` of each `--webhook`, and the secrets from the environment. */
export const readWebhooks = (
  values: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): ReadWebhooks => {
  const webhooks = values.map((text): Webhook => {
    const [name = ''] = text.split('=', 1)
    const secret = environment[secretVariable(name)]
    return { name, url: text.slice(name.length + 1), ...(secret ? { secret } : {}) }
  })
  const names = webhooks.map(({ name }) => name)
  const mistakes = webhooks.flatMap(({ name, url, secret }, at) => [
    ...(WEBHOOK_NAME.test(name) ? [] : [`--webhook ${name} is not a name of 1 to 64 letters, digits, - and _`]),
    ...(isWebhookUrl(url) ? [] : [`--webhook ${name} has no URL of http or https, or one with a user`]),
    ...(names.indexOf(name) === at ? [] : [`--webhook ${name} is there twice`]),
    ...(secret !== undefined && names.some((other) => other !== name && secretVariable(other) === secretVariable(name))
      ? [`${secretVariable(name)} would be the secret of two webhooks`]
      : []),
  ])
  return { webhooks, mistakes }
}
