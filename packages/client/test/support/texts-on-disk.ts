/** What a profile has of messages on the disk, whether or not the client would still show it. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyMessages, MessageStore } from '@chat/message-store';
import { openSegmentFolder } from '@chat/message-store/node';
import { listProfiles } from '../../src/node/index.ts';
import { openSealedFile } from '../../src/node/sealed-file.ts';
import { password, type TestNetwork } from './test-network.ts';

/** Returns the texts of all files that the stored state names, and of the state itself; and the names of the files that it does not name. */
export async function textsOnDisk(
  network: TestNetwork,
  user: string,
): Promise<{ readonly texts: readonly string[]; readonly others: readonly string[] }> {
  const profile = (await listProfiles(network.home)).find((summary) => summary.user === user);
  if (profile === undefined) throw new Error(`no profile of ${user}`);
  const secret = await network.secretOf(user);
  const { stored } = await openSealedFile(join(profile.directory, 'state.sealed'), { secret, password });
  const { next, segments, tail } = stored.messages ?? emptyMessages;
  const folder = join(profile.directory, 'messages');
  const streams = Array.from({ length: next }, (_, stream) => [`stream ${stream}`, { stream }] as const);
  const store = new MessageStore({
    files: openSegmentFolder(folder),
    random: () => new Uint8Array(),
    turn: async () => undefined,
    now: () => 0,
    changed: () => undefined,
    damaged: () => {
      throw new Error('A file that the state names is damaged.');
    },
    stored: { keep: 'all', next, rooms: Object.fromEntries(streams), segments, tail },
  });
  const texts: string[] = [];
  for (const [name] of streams) texts.push(...(await store.page(name, { limit: 1000 })).map(({ text }) => text));
  const names = new Set(segments.map(({ file }) => file));
  return { texts, others: (await readdir(folder)).filter((name) => !names.has(name)) };
}
