import { createHmac, type KeyObject, sign } from 'node:crypto'

/** How a token is signed; `none` and HS256 are what an attacker would try. */
export type Signer =
  | { readonly alg: 'RS256' | 'ES256'; readonly key: KeyObject }
  | { readonly alg: 'HS256'; readonly key: string | Buffer }
  | { readonly alg: 'none' }

/** @param header beside `alg`, which the signer gives */
export function makeJwt(header: object, claims: object, signer: Signer): string {
  const signed = `${encode({ alg: signer.alg, ...header })}.${encode(claims)}`
  return `${signed}.${signature(signed, signer)}`
}

function signature(text: string, signer: Signer): string {
  switch (signer.alg) {
    case 'none':
      return ''
    case 'HS256':
      return createHmac('sha256', signer.key).update(text).digest('base64url')
    case 'RS256':
      return sign('sha256', Buffer.from(text), signer.key).toString('base64url')
    case 'ES256':
      return sign('sha256', Buffer.from(text), { key: signer.key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
  }
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
