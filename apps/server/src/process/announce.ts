import type { Running } from './running.ts'

/** What a person reads when it runs: where everything is, and how to sign in the first time. */
export function announce(running: Running): string {
  const { publicUrl, storeEndpoint, metricsUrl, dataDir, admin } = running
  const lines = [
    '',
    '  SkyCrate is running.',
    '',
    `  Web app    ${publicUrl}/`,
    `  API        ${publicUrl}/api/v1   (documents: ${publicUrl}/docs)`,
    `  S3         ${storeEndpoint}`,
    ...(metricsUrl === undefined ? [] : [`  Metrics    ${metricsUrl}`]),
    ...(dataDir === undefined ? [] : [`  Data       ${dataDir}`]),
    '',
    ...signIn(admin),
    '',
  ]
  return `${lines.join('\n')}\n`
}

function signIn(admin: Running['admin']): string[] {
  if (admin.password !== undefined) {
    return [
      '  Sign in as the first administrator (the password is shown this once):',
      '',
      `    e-mail     ${admin.email}`,
      `    password   ${admin.password}`,
    ]
  }
  return admin.created
    ? [`  Sign in as the first administrator ${admin.email}, with the password that you configured.`]
    : [`  Sign in with an account that exists; the administrator is ${admin.email}.`]
}
