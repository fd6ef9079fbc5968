import { API_BASE, placeOf } from '@skycrate/contract/paths'

/** Where issuers send browsers back to; operators register it there. */
export const callbackUrl = (publicUrl: string): string => `${publicUrl}${API_BASE}${placeOf('finishSignIn').path}`
