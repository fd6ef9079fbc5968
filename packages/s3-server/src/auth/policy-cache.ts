import { isPublicPolicy } from '@skycrate/core/access/iam/is-public'
import { parsePolicy, type PolicyKind } from '@skycrate/core/access/iam/parse-policy'
import type { Policy } from '@skycrate/core/access/iam/policy'

export interface ReadPolicy {
  readonly policy: Policy
  readonly isPublic: boolean
}

const CAPACITY = 1000

/** Policies that were read, by their text, so that each is read once and not with every request. */
export class PolicyCache {
  readonly #read = new Map<string, ReadPolicy | undefined>()

  /** @returns undefined for a text that is no valid policy */
  get(text: string, kind: PolicyKind): ReadPolicy | undefined {
    const id = `${kind.kind === 'bucket' ? kind.bucket : ''}\n${text}`
    const known = this.#read.get(id)
    if (known !== undefined || this.#read.has(id)) return known
    const parsed = parsePolicy(text, kind)
    const read =
      parsed.outcome === 'parsed' ? { policy: parsed.policy, isPublic: isPublicPolicy(parsed.policy) } : undefined
    if (this.#read.size >= CAPACITY) this.#read.clear()
    this.#read.set(id, read)
    return read
  }
}
