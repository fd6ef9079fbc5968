import type { Files } from '../../files/files.ts'
import type { HandlersOf } from '../route.ts'

export function filesHandlers(
  files: Files,
): HandlersOf<
  'createFile' | 'listFiles' | 'file' | 'updateFile' | 'deleteFile' | 'createImage' | 'listImages' | 'deleteImage'
> {
  type Asked = Pick<Parameters<HandlersOf<'createFile'>['createFile']>[0], 'who' | 'body' | 'origin' | 'wasKnown'>
  const create = async ({ who, body, origin, wasKnown }: Asked) => {
    const { file, known } = await files.create(who, body, origin)
    if (known) wasKnown()
    return file
  }
  return {
    createFile: create,
    createImage: create,
    listFiles: ({ who, query: { limit = 100, cursor, bucket } }) =>
      files.list(who, { limit, cursor, bucket, images: false }),
    listImages: async ({ who, query: { limit = 100, cursor, bucket } }) => {
      const page = await files.list(who, { limit, cursor, bucket, images: true })
      return { images: page.files, nextCursor: page.nextCursor }
    },
    file: ({ who, params, origin }) => files.find(who, params.id, origin),
    updateFile: ({ who, params, body, origin }) => files.update(who, params.id, body, origin),
    deleteFile: ({ who, params, origin }) => files.delete(who, params.id, origin),
    deleteImage: ({ who, params, origin }) => files.delete(who, params.id, origin),
  }
}
