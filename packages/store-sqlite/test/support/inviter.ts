/** A process of its own: adds invitations to a store that others have open, then says so. */
import { openSqliteStore } from '../../src/index.ts';

const [path = '', from = '0', count = '0'] = process.argv.slice(2);
const store = await openSqliteStore(path);
for (let index = 0; index < Number(count); index++) {
  await store.addInvitation({ tokenHash: `token ${Number(from) + index}`, expiresAt: 2 });
}
await store.close();
