/**
 * A request with this header comes from a page of SkyCrate itself, which holds its session by a cookie: where a sign-in
 * would answer with tokens, it sets the cookie instead, and a change by the cookie is refused without the header.
 */
export const SESSION_HEADER = 'x-skycrate-session'
export const SESSION_BY_COOKIE = 'cookie'
