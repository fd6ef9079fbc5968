import { API_BASE } from '@skycrate/contract/paths'

/** Where a sign-in at an issuer begins. @param returnTo the page to come back to */
export const issuerStart = (id: string, returnTo: string): string =>
  `${API_BASE}/auth/issuers/${encodeURIComponent(id)}/start?returnTo=${encodeURIComponent(returnTo)}`
