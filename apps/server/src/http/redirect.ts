/** An answer that sends the browser on. */
export class Redirect {
  /** A path of the web app, or an issuer's own address. */
  readonly location: string

  constructor(location: string) {
    this.location = location
  }
}
