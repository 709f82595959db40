/**
 * A program that writes until it is killed: appends to two rooms, and stores prekeys and knocks. It prints each acknowledged
 * write: a room, `prekey` or `knock`, and a number that grows.
 */
import { openSqliteStore } from '../../src/index.ts';
import { account, entryAt, knockAt, knockBounds, prekeyAt, roomId } from './entry.ts';

const store = await openSqliteStore(process.argv[2] ?? '');
await store.register(account, null);
process.stdout.write('opened\n');

/** Writes with four calls pending, so that a kill meets writes that wait, that are being committed, and that are answered. */
async function writeWithoutEnd(
  label: string,
  from: number,
  write: (number: number) => Promise<unknown>,
): Promise<void> {
  const inFlight: Promise<void>[] = [];
  for (let number = from; ; number++) {
    inFlight.push(write(number).then(() => void process.stdout.write(`${label} ${number}\n`)));
    if (inFlight.length >= 4) await inFlight.shift();
  }
}

const headOf = async (room: number) => (await store.load(roomId(room)))?.head ?? 0;
if ((await headOf(1)) === 0) await store.append(entryAt(1, 1));
const [kept] = await store.findPrekeys([account.user]);
const from = (kept?.madeAt ?? 0) + 1;
await Promise.all([
  ...[1, 2].map(async (room) =>
    writeWithoutEnd(String(room), (await headOf(room)) + 1, (seq) => store.append(entryAt(room, seq))),
  ),
  writeWithoutEnd('prekey', from, (number) => store.putPrekey(account.user, prekeyAt(number), Number.MAX_SAFE_INTEGER)),
  writeWithoutEnd('knock', from, (number) => store.putKnock(roomId(1), account.user, knockAt(number), knockBounds)),
]);
