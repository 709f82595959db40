/** A process of its own: appends to two rooms for ever and prints the position of each acknowledged entry. */
import { openSqliteStore } from '../src/index.ts';
import { entryAt, roomId } from './entry.ts';

const store = await openSqliteStore(process.argv[2] ?? '');
process.stdout.write('opened\n');
await Promise.all(
  [1, 2].map(async (room) => {
    const head = (await store.load(roomId(room)))?.head ?? 0;
    // Four in flight, so that a kill meets entries that wait, that are being committed, and that are answered.
    const inFlight: Promise<void>[] = [];
    for (let seq = head + 1; ; seq++) {
      const entry = entryAt(room, seq);
      inFlight.push(store.append(entry).then(() => void process.stdout.write(`${room} ${seq}\n`)));
      if (inFlight.length >= 4) await inFlight.shift();
    }
  }),
);
