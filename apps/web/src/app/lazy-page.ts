import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { type AsyncRouteComponent, lazyRouteComponent } from '@tanstack/react-router'

/**
 * A page whose script is fetched when it is opened. Where the server cannot be reached, the page says so and can be tried
 * again; the router's own way would reload the whole app, and lose it together with what is under way.
 */
export function lazyPage<Module extends Record<Name, () => unknown>, Name extends string>(
  load: () => Promise<Module>,
  name: Name,
): AsyncRouteComponent<unknown> {
  const guarded = async (): Promise<Module> => {
    try {
      return await load()
    } catch (cause) {
      if (await answers()) throw cause
      throw new SkyCrateError({
        code: 'unreachable',
        title: 'The server cannot be reached',
        detail: 'Check the connection and try again.',
        cause,
      })
    }
  }
  return lazyRouteComponent(guarded as never, name as never) as AsyncRouteComponent<unknown>
}

/** Whether the script alone is missing, as after an update of the server. */
async function answers(): Promise<boolean> {
  try {
    await fetch('/healthz', { cache: 'no-store' })
    return true
  } catch {
    return false
  }
}
