/** A document that is not well formed or not of the shape that was asked for. */
export class MalformedXmlError extends Error {
  constructor(cause?: unknown) {
    super('The XML is not well formed or not of the expected shape.', { cause })
    this.name = 'MalformedXmlError'
  }
}
