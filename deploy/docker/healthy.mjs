// Whether the server of this container answers; for the container's health check.
const port = process.env.SKYCRATE_HTTP_PORT ?? '8080'
const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(4000) }).catch(
  () => undefined,
)
process.exit(answer?.ok ? 0 : 1)
