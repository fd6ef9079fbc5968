import type { IssuerSettings } from '@skycrate/core/identity/issuer-settings'
import type { IssuerId } from '@skycrate/core/naming/id'

/** SkyCrate as an application at an issuer. */
export interface IssuerClient {
  readonly id: string
  /** Undefined for a public client. */
  readonly secret: string | undefined
}

/** An issuer whose tokens are accepted, from the configuration or the database. */
export interface RegisteredIssuer {
  /** Of a configured issuer it follows from its URL, so that every process and every start has the same. */
  readonly id: IssuerId
  /** For people, such as the label of a button. */
  readonly name: string
  readonly source: 'configuration' | 'database'
  /** The same object as long as nothing of it changes. */
  readonly settings: IssuerSettings
  /** The client by which people sign in here in the browser; undefined where there is none. */
  readonly client: IssuerClient | undefined
}

/** Every issuer there is, in memory: no call but `current` does any I/O. */
export interface IssuerRegistry {
  /** By name. */
  list(): readonly RegisteredIssuer[]
  byId(id: string): RegisteredIssuer | undefined
  /** @param issuer exactly as in the tokens' `iss` */
  byIssuer(issuer: string): RegisteredIssuer | undefined
  /**
   * Resolves once every change is read that this process has heard of. Await it before a look that decides anything.
   * @throws AppError `database-unavailable`
   */
  current(): Promise<void>
  /** Called when a change is heard of, of any issuer, and again when it is read: drop what you derived. */
  onChange(changed: () => void): void
}
