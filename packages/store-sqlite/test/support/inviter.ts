/** A program that adds enrolment invitations to a store that other processes have open. */
import { openSqliteStore } from '../../src/index.ts';

const [path = '', from = '0', count = '0'] = process.argv.slice(2);
const store = await openSqliteStore(path, { busyTimeoutMs: 10 * 60_000 });
for (let index = 0; index < Number(count); index++) {
  await store.addInvitation({ tokenHash: `token ${Number(from) + index}`, expiresAt: 2 });
}
await store.close();
