import type { Socket } from 'node:net'

/** Milliseconds that a client gets to read its answer. */
const PATIENCE = 2000

/**
 * Lets a connection that is to end after an answer read and drop what the client is still sending, for a while. Closed
 * with bytes unread, the system would reset it, and the client might never see why it was refused.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
export function lingerAtEnd(socket: Socket): void {
  // What Node calls when an answer with `Connection: close` is out.
  socket.destroySoon = () => {
    socket.end()
    socket.resume()
    const cut = setTimeout(() => socket.destroy(), PATIENCE)
    socket.once('close', () => clearTimeout(cut))
  }
}
