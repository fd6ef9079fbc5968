// `npm run doctor`: checks what SkyCrate stands on, with the server's own settings.
import { runDoctor } from '../apps/server/src/process/doctor.ts'

process.exitCode = await runDoctor(process.argv.slice(2), process.env)
