// `npm run copy-database`: copies the database into another PostgreSQL, with the server's own settings.
import { runCopyDatabase } from '../apps/server/src/process/copy-database.ts'

process.exitCode = await runCopyDatabase(process.argv.slice(2), process.env)
