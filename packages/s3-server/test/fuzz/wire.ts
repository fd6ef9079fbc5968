import { connect } from 'node:net'

/** What is written on one connection, and how. */
export interface Transmission {
  readonly pieces: readonly Buffer[]
  /** Milliseconds between the pieces. */
  readonly pause: number
  /** Milliseconds without a byte from the server after which no more is to come from here either. */
  readonly quiet: number
  /** Whether the connection is cut off, instead of the sending side being ended, after the last piece. */
  readonly isCut: boolean
}

export interface Reception {
  readonly bytes: Buffer
  /** Whether the connection was over in time. */
  readonly isOver: boolean
}

/** Milliseconds that a server may take to end a connection on which nothing more comes. */
const PATIENCE = 30_000

/** Sends, and receives until the connection ends. Never rejects. */
export const transmit = (port: number, { pieces, pause, quiet, isCut }: Transmission): Promise<Reception> =>
  new Promise((resolve) => {
    const received: Buffer[] = []
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    let hush: NodeJS.Timeout | undefined
    // Not at once: Node's server gives no answer to who can't say more.
    const awaitQuiet = (): void => {
      clearTimeout(hush)
      hush = setTimeout(() => socket.end(), quiet)
    }
    const finish = (isOver: boolean): void => {
      clearTimeout(deadline)
      clearTimeout(hush)
      socket.destroy()
      resolve({ bytes: Buffer.concat(received), isOver })
    }
    const deadline = setTimeout(() => {
      finish(false)
    }, PATIENCE)
    socket.setNoDelay(true)
    socket.on('data', (piece: Buffer) => {
      received.push(piece)
      if (hush !== undefined) awaitQuiet()
    })
    socket.on('error', () => {
      finish(true)
    })
    socket.on('end', () => {
      finish(true)
    })
    socket.on('close', () => {
      finish(true)
    })
    const write = async (): Promise<void> => {
      for (const [at, piece] of pieces.entries()) {
        if (at > 0 && pause > 0) await new Promise((done) => setTimeout(done, pause))
        if (socket.destroyed) return
        socket.write(piece)
      }
      if (isCut) finish(true)
      else awaitQuiet()
    }
    socket.on('connect', () => void write())
  })
