/** The users of a world at a server, before it starts. */
import { readCertificate } from '@chat/mini-ca';
import { fromBase64url } from '@chat/protocol';
import type { Store } from '@chat/server-core';
import type { World } from '../fanout/world.ts';

/** Registers the users with their certificates. */
export async function addUsers(store: Store, { users }: World): Promise<void> {
  const enrolledAt = Date.now();
  const accounts = users.map(({ user, fingerprint, identity }) => {
    return { user, fingerprint, identity: fromBase64url(identity), enrolledAt };
  });
  await Promise.all(accounts.map((account) => store.register(account, null)));
  await Promise.all(
    users.map(({ user, certificate }) => {
      const { serial, notAfter } = readCertificate(certificate);
      return store.assignCertificate({ serial, user, notAfter: notAfter.getTime() }, 1);
    }),
  );
}
