/** Something that the server did and the model says it must not. */
export class Difference extends Error {
  override readonly name = 'Difference'
}
