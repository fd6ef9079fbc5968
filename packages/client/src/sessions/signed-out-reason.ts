/** Why a session ended: its owner signed out, or the server no longer accepts it. */
export type SignedOutReason = 'logout' | 'expired'
