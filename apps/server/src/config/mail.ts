import { isLoopback } from '@skycrate/issuer-keys/loopback'
import { domainOf, type MailAddress, parseMailAddress } from '../mail/mail-address.ts'
import type { Parsed } from './setting.ts'

/** `implicit`: TLS from the first byte. `starttls`: required. `none`: in plain text. */
export type MailSecurity = 'implicit' | 'starttls' | 'none'

export interface SmtpServer {
  readonly host: string
  readonly port: number
  readonly security: MailSecurity
  readonly user: string | undefined
  readonly password: string | undefined
}

export interface MailConfig {
  /** Undefined: mails go to the outbox. */
  readonly smtp: SmtpServer | undefined
  readonly from: MailAddress
  /** Of the ids of mails. */
  readonly domain: string
}

const SHAPE =
  'must be a URL such as smtp://user:password@smtp.example.com:587 or smtps://user:password@smtp.example.com'

/** `smtp://` needs STARTTLS, but on loopback; `?tls=none` does without. */
export function parseSmtpUrl(text: string): Parsed<SmtpServer> {
  if (!URL.canParse(text)) return { mistake: SHAPE }
  const { protocol, hostname, port, username, password, pathname, hash, searchParams } = new URL(text)
  if (!/^smtps?:$/.test(protocol) || hostname === '' || !/^\/?$/.test(pathname) || hash !== '')
    return { mistake: SHAPE }
  const tls = searchParams.get('tls')
  if ([...searchParams.keys()].some((name) => name !== 'tls') || (tls !== null && tls !== 'none')) {
    return { mistake: 'may have no parameter but tls=none' }
  }
  if (protocol === 'smtps:' && tls !== null) return { mistake: 'must be smtp:// with tls=none' }
  if (username === '' && password !== '') return { mistake: 'has a password without a user' }
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const isPlain = tls === 'none' || isLoopback(`http://${hostname}`)
  return {
    value: {
      host,
      port: Number(port || (protocol === 'smtps:' ? 465 : 587)),
      security: protocol === 'smtps:' ? 'implicit' : isPlain ? 'none' : 'starttls',
      user: username === '' ? undefined : decoded(username),
      password: password === '' ? undefined : decoded(password),
    },
  }
}

export const mailAddress = (text: string): Parsed<MailAddress> => {
  const value = parseMailAddress(text)
  return value === undefined ? { mistake: 'must be an e-mail address' } : { value }
}

/** Domains in the one spelling by which they are compared, separated by commas. */
export function parseDomains(text: string): Parsed<string[]> {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const addresses = parts.map((part) => parseMailAddress(`a@${part}`))
  if (addresses.includes(undefined)) return { mistake: 'must be domains such as example.com, separated by commas' }
  return { value: addresses.map((address) => domainOf(address!)) }
}

export function mailConfig(smtp: SmtpServer | undefined, from: MailAddress | undefined, publicUrl: string): MailConfig {
  const { hostname } = new URL(publicUrl)
  // An address needs a name, and an IP address is none.
  const domain = /^[\d.]+$|^\[/.test(hostname) ? 'localhost' : hostname
  return { smtp, from: from ?? (`skycrate@${domain}` as MailAddress), domain }
}

/** A percent sign that begins no escape stands for itself. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
