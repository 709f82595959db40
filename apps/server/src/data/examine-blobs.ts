/** The files that users have sent, which stand in a folder beside the store: what they need, and which of them are missing or damaged. */
import type { BlobUsage } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import { bytesText } from '../config/amounts.ts';
import type { DataDirectory } from './data-directory.ts';

const blobsPerPage = 500;
/** More are counted and not named. */
const maxNamed = 20;

/** Returns how many files of users a data directory has, and their bytes. */
export async function blobUsage(directory: DataDirectory): Promise<BlobUsage> {
  const store = await openSqliteStore(directory.store, { readOnly: true });
  try {
    return await store.blobs.usage('all');
  } finally {
    await store.close();
  }
}

/** Reads all files of users, and returns a sentence for those that are missing or damaged. */
export async function examineBlobs(directory: DataDirectory): Promise<readonly string[]> {
  const store = await openSqliteStore(directory.store, { readOnly: true });
  try {
    const found = { missing: [] as string[], damaged: [] as string[] };
    for (let after: string | null = null; ; ) {
      const page = await store.blobs.list('all', after, blobsPerPage);
      for (const { id } of page) {
        const state = await store.blobs.verify(id);
        if (state !== 'sound') found[state].push(id);
      }
      after = page.at(-1)?.id ?? null;
      if (page.length < blobsPerPage)
        return (['missing', 'damaged'] as const).flatMap((state) => sentence(state, found[state], directory));
    }
  } finally {
    await store.close();
  }
}

function sentence(state: 'missing' | 'damaged', ids: readonly string[], { blobs }: DataDirectory): readonly string[] {
  if (ids.length === 0) return [];
  const named = ids.slice(0, maxNamed).join(', ') + (ids.length > maxNamed ? ', ...' : '');
  return [
    `Of the files that users have sent, ${ids.length} are ${state}, so that members cannot save them: copy the folder ${blobs} from where you keep a copy of it. Their ids: ${named}.`,
  ];
}

/** Returns what a backup does not have, for the operator; null if there is nothing. */
export const notInBackup = ({ blobs, bytes }: BlobUsage, folder: string): string | null =>
  blobs === 0
    ? null
    : `It does not have the ${blobs} files that users have sent (${bytesText(bytes)}): copy the folder ${folder} after each backup, as with rsync. Its files never change.`;
