import { mkdir } from 'node:fs/promises'

/**
 * Makes the data folder. It may be entered by others, for PostgreSQL runs as another user where we are root, but each
 * part of it guards itself.
 * @throws Error that names the folder and what to do
 */
export async function prepareDataDir(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o711 })
  } catch (cause) {
    throw new Error(
      `The data folder ${path} cannot be made (${(cause as Error).message}); set SKYCRATE_DATA to another`,
      { cause },
    )
  }
}
