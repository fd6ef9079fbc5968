const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** Whether a URL leads to this very machine: what is asked for there needs no TLS. */
export const isLoopback = (url: string): boolean => LOOPBACK.test(new URL(url).hostname)
