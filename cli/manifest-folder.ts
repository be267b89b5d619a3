// Where the manifests are: beside this program's folder, in the sources as in what is built from them.

import path from 'node:path'

export const MANIFEST_FOLDER = path.join(import.meta.dirname, '../manifests')
