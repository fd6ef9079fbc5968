import assert from 'node:assert/strict'

interface DispatchOptions {
  readonly path?: string
  readonly origin?: string | URL
  readonly headers?: readonly string[] | Readonly<Record<string, string>> | null
}
interface Dispatcher {
  dispatch(options: DispatchOptions, handler: unknown): boolean
}
type Global = Record<symbol, Dispatcher | undefined>

/**
 * From now on this process's `fetch` reaches some hosts at other addresses, as a DNS entry and a certificate would have it;
 * requests stay as their client made them, with the host that was signed.
 *
 * @param addressOf the origin at which a host is, with a path where it is not the root there; undefined for its own
 * @returns undoes it
 */
export async function dispatchLocally(addressOf: (host: string) => string | undefined): Promise<() => void> {
  // Node makes its dispatcher at the first use.
  await fetch('data:,')
  const symbols = Object.getOwnPropertySymbols(globalThis).filter((each) => String(each).includes('globalDispatcher'))
  const holder = globalThis as unknown as Global
  const before = new Map(symbols.map((symbol) => [symbol, holder[symbol]]))
  assert.ok(before.size > 0)
  for (const [symbol, dispatcher] of before) {
    const routed: Dispatcher = {
      dispatch(options, handler) {
        const { host } = new URL(String(options.origin))
        const address = addressOf(host)
        if (address === undefined) return dispatcher!.dispatch(options, handler)
        const headers = options.headers as string[] | Record<string, string> | undefined
        const withHost = Array.isArray(headers) ? [...headers, 'host', host] : { ...headers, host }
        const { origin, pathname } = new URL(address)
        const path = pathname === '/' ? options.path : `${pathname}${options.path}`
        return dispatcher!.dispatch({ ...options, origin, path, headers: withHost } as DispatchOptions, handler)
      },
    }
    holder[symbol] = routed
  }
  return () => {
    for (const [symbol, dispatcher] of before) holder[symbol] = dispatcher
  }
}
