// `npm run admin`: changes users on the server's machine, with the server's own settings.
import { runAdmin } from '../apps/server/src/process/admin.ts'

process.exitCode = await runAdmin(process.argv.slice(2), process.env)
