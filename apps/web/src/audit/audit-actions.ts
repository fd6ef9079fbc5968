import { AUDIT_ACTIONS, isAuditAction } from '@skycrate/contract/audit-actions'

/** An action in words. One that a newer server records is shown under its own name. */
export const actionName = (action: string): string => (isAuditAction(action) ? AUDIT_ACTIONS[action].label : action)
