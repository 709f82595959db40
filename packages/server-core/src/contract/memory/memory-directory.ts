/** Implements `Directory` in memory. */
import { fingerprintOfKey, type UserName } from '@chat/protocol';
import type { Account, Directory, Invitation, NewAccount } from '../../ports/directory.ts';
import { deleteBlobs } from './memory-blobs.ts';
import type { MemoryDisk } from './memory-disk.ts';

const byName = (a: Account, b: Account): number => (a.user < b.user ? -1 : 1);

const isInRoomWithOtherKey = ({ rooms }: MemoryDisk, { user, fingerprint }: NewAccount): boolean =>
  [...rooms.values()].some(({ members, invited }) =>
    [...members, ...invited].some((each) => each.user === user && each.fingerprint !== fingerprint),
  );

const isOpen = ({ uses, expiresAt }: Invitation, at: number): boolean => uses > 0 && expiresAt > at;

/** Returns a directory over the data of `disk`. */
export function memoryDirectory(disk: MemoryDisk): Directory {
  const accounts = (): Account[] => [...disk.accounts.values()].sort(byName);
  const certificatesOf = (user: UserName): string[] =>
    [...disk.certificates.values()].flatMap((each) => (each.user === user ? [each.serial] : []));

  return {
    findAccount: async (user) => disk.accounts.get(user) ?? null,

    listAccounts: async (after, limit) =>
      accounts()
        .filter(({ user }) => after === null || user > after)
        .slice(0, limit),

    async register(account, invitation) {
      const { user, fingerprint, identity } = account;
      const before = disk.accounts.get(user);
      const revoked = accounts().some((each) => each.revoked !== null && each.fingerprint === fingerprint);
      if (revoked || disk.retiredKeys.has(fingerprint)) return 'revoked';
      if (before?.fingerprint === fingerprint) return 'known';
      const found = invitation === null ? null : (disk.invitations.get(invitation) ?? 'none');
      if (found === 'none' || (found !== null && !isOpen(found, account.enrolledAt))) return 'invitation-refused';
      if (found !== null && found.user !== null && found.user !== user) return 'invitation-for-another';
      if (before !== undefined || isInRoomWithOtherKey(disk, account)) return 'taken';
      const reserving = [...disk.invitations.values()].filter((each) => isOpen(each, account.enrolledAt));
      if (found?.user !== user && reserving.some((each) => each.user === user)) return 'reserved';
      if (found !== null) disk.invitations.set(found.tokenHash, { ...found, uses: found.uses - 1 });
      disk.accounts.set(user, { ...account, identity: Uint8Array.from(identity), revoked: null });
      return 'registered';
    },

    async renewKey(user, { before, renewals, fingerprint, identity }) {
      const account = disk.accounts.get(user);
      const known = disk.renewals.get(user) ?? [];
      if (account?.fingerprint !== before) return 'refused';
      if (account.revoked !== null) return 'revoked';
      const follows = renewals[0]?.number === known.length + 1;
      if (!follows || accounts().some((each) => each.fingerprint === fingerprint)) return 'refused';
      disk.renewals.set(user, [...known, ...renewals]);
      disk.accounts.set(user, { ...account, fingerprint, identity: Uint8Array.from(identity) });
      disk.prekeys.delete(user);
      for (const knocks of disk.knocks.values()) knocks.delete(user);
      return 'renewed';
    },

    renewalsOf: async (user, limit) => (disk.renewals.get(user) ?? []).slice(-limit),

    async addInvitation(invitation) {
      disk.invitations.set(invitation.tokenHash, { user: null, uses: 1, ...invitation });
    },

    openInvitations: async (at, limit) =>
      [...disk.invitations.values()]
        .filter((each) => isOpen(each, at))
        .sort((a, b) => a.expiresAt - b.expiresAt || (a.tokenHash < b.tokenHash ? -1 : 1))
        .slice(0, limit),

    async withdrawInvitation(tokenHash) {
      if ((disk.invitations.get(tokenHash)?.uses ?? 0) === 0) return false;
      return disk.invitations.delete(tokenHash);
    },

    async revokeAccount(user, revoked) {
      const fingerprint = disk.accounts.get(user)?.fingerprint;
      const sameKey = accounts().filter((each) => each.fingerprint === fingerprint);
      for (const account of sameKey) {
        disk.accounts.set(account.user, { ...account, revoked: account.revoked ?? revoked });
        for (const knocks of disk.knocks.values()) knocks.delete(account.user);
        deleteBlobs(disk, ({ room, user: owner }) => room === null && owner === account.user);
      }
      return accounts().filter((each) => each.fingerprint === fingerprint);
    },

    async freeNames(user) {
      const account = disk.accounts.get(user);
      if (account === undefined || account.revoked === null) return [];
      const names = accounts().flatMap((each) => (each.fingerprint === account.fingerprint ? [each.user] : []));
      disk.retiredKeys.add(account.fingerprint);
      for (const name of names) {
        for (const { previous } of disk.renewals.get(name) ?? []) disk.retiredKeys.add(fingerprintOfKey(previous));
        for (const serial of certificatesOf(name)) disk.certificates.delete(serial);
        for (const rows of [disk.accounts, disk.prekeys, disk.renewals, disk.runs]) rows.delete(name);
      }
      return names;
    },

    revokedAccounts: async () => accounts().filter(({ revoked }) => revoked !== null),

    async assignCertificate(certificate, maxKept) {
      if (disk.accounts.get(certificate.user)?.revoked !== null) return false;
      disk.certificates.set(certificate.serial, certificate);
      for (const serial of certificatesOf(certificate.user).slice(0, -maxKept)) disk.certificates.delete(serial);
      return true;
    },

    async enterRun(user, { id, earlier, replaceOthers }, at) {
      const latest = disk.runs.get(user);
      if (latest?.id === id) return null;
      if (latest !== undefined && !replaceOthers && !earlier.includes(latest.id)) return latest.at;
      disk.runs.set(user, { id, at });
      return null;
    },

    certificatesOf: async (user) => certificatesOf(user),

    async forgetCertificates(before) {
      for (const { serial, notAfter } of disk.certificates.values()) {
        if (notAfter < before) disk.certificates.delete(serial);
      }
    },
  };
}
