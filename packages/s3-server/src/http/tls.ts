/** A certificate with its chain, and its private key: both in PEM. */
export interface TlsPair {
  readonly cert: string
  readonly key: string
}

/** What a server is told of it. */
export const secureContext = ({ cert, key }: TlsPair) => ({ cert, key, minVersion: 'TLSv1.2' }) as const
