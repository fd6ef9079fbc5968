/** Where events are sent. */
export interface Webhook {
  /** What ARNs of destinations end in. */
  readonly name: string
  /** http or https. */
  readonly url: string
  /** Signs what is sent: `whsec_` and base64, or any text, whose bytes are then the key. Undefined: nothing is signed. */
  readonly secret?: string
}
