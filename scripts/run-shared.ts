// Runs the files of its arguments in this one process and sends each event of the runner to the parent.
import { run } from 'node:test'

const [timeout, ...files] = process.argv.slice(2)
for await (const event of run({ files, isolation: 'none', timeout: Number(timeout) })) {
  await new Promise((resolve) => process.send!({ event, failureType: failureTypeOf(event.data) }, resolve))
}
// Anything that a test left open must not keep the run from ending.
process.exit()

/** The reporter asks for it, and a copied error has lost it. */
function failureTypeOf(data: unknown): string | undefined {
  return (data as { details?: { error?: { failureType?: string } } } | undefined)?.details?.error?.failureType
}
