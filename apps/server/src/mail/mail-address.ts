import { domainToASCII } from 'node:url'

/** An address that a mail can be sent to: one mailbox, without quotes, comments or a name. */
export type MailAddress = string & { readonly MailAddress: unique symbol }

/** RFC 5321: 64 octets before the @, 254 in all. */
const MAX_LOCAL = 64
const MAX_LENGTH = 254
/** Nothing that separates addresses, quotes, or can't be seen. */
const LOCAL = /^[^\s"(),:;<>@[\\\]\p{Cc}\p{Cf}\p{Zs}]+$/u
const LABEL = /^(?!-)[\p{L}\p{M}\p{N}-]{1,63}(?<!-)$/u

/** Undefined for what is none, or names more than one mailbox. */
export function parseMailAddress(text: string): MailAddress | undefined {
  const address = text.trim()
  const at = address.lastIndexOf('@')
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)]
  if (at < 1 || !address.isWellFormed() || Buffer.byteLength(address) > MAX_LENGTH) return undefined
  if (!LOCAL.test(local) || Buffer.byteLength(local) > MAX_LOCAL) return undefined
  return domain.split('.').every((label) => LABEL.test(label)) ? (address as MailAddress) : undefined
}

/** The domain in the one spelling by which domains are compared. */
export function domainOf(address: MailAddress): string {
  return domainToASCII(address.slice(address.lastIndexOf('@') + 1))
}
