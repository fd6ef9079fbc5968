/** What the log tells of, in words. An action that is not here is shown under its own name. */
export const AUDIT_ACTIONS: Readonly<Record<string, string>> = {
  'object.get': 'Download',
  'object.put': 'Upload',
  'object.head': 'Look up a file',
  'object.delete': 'Delete a file',
  'object.list': 'List a folder',
  'home.create': 'Make a home',
  'auth.login': 'Sign in',
  'auth.refresh': 'Renew a session',
  'auth.logout': 'Sign out',
  'auth.change-password': 'Change a password',
  'user.create': 'Add a user',
  'permission.create': 'Give a permission',
  'permission.delete': 'Take a permission away',
}

export const actionName = (action: string): string => AUDIT_ACTIONS[action] ?? action
