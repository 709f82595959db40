/** Implements `PrekeyStore` in memory. */
import { toBase64url } from '@chat/protocol';
import type { PrekeyStore } from '../../ports/prekey-store.ts';
import type { MemoryDisk } from './memory-disk.ts';

/** Returns a prekey store over the data of `disk`. */
export function memoryPrekeys(disk: MemoryDisk): PrekeyStore {
  return {
    async putPrekey(user, prekey, latest) {
      const before = disk.prekeys.get(user);
      if (before !== undefined && before.madeAt >= prekey.madeAt && before.madeAt <= latest) return false;
      disk.prekeys.set(user, { ...prekey });
      return true;
    },

    findPrekeys: async (users) =>
      users.flatMap((user) => {
        const prekey = disk.prekeys.get(user);
        const account = disk.accounts.get(user);
        if (prekey === undefined || account === undefined || account.revoked !== null) return [];
        return [{ user, key: toBase64url(account.identity), ...prekey }];
      }),
  };
}
