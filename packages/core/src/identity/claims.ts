/** What a token says of itself and its bearer, once its signature has been verified. */
export type Claims = Readonly<Record<string, unknown>>
