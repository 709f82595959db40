/** Implements `LinkStore` in memory. */
import { type Fingerprint, toHex } from '@chat/protocol';
import type { LinkKey, LinkStore } from '../../ports/link-store.ts';
import type { KeptLink, MemoryDisk } from './memory-disk.ts';

const nameOf = ({ from, to, id }: LinkKey): string => `${from} ${to} ${toHex(id)}`;

/** Returns whether the sender is a member of a direct room to which the recipient is invited. */
const isInvitedDirectly = (disk: MemoryDisk, { from, to }: LinkKey): boolean =>
  [...disk.rooms.values()].some(
    ({ policy, members, invited }) =>
      policy.join === 'direct' &&
      invited.some(({ fingerprint }) => fingerprint === to) &&
      members.some(({ fingerprint }) => fingerprint === from),
  );

/** Returns a link store over the data of `disk`. */
export function memoryLinks(disk: MemoryDisk): LinkStore {
  const kept = (): KeptLink[] => [...disk.links.values()];
  const waitingFor = (recipient: Fingerprint) =>
    kept().flatMap(({ from, to, id, prekey, opening, at }) =>
      to === recipient && opening !== null ? [{ link: { from, to, id, prekey, opening }, at }] : [],
    );
  const change = (key: LinkKey, changed: Partial<KeptLink>): boolean => {
    const link = disk.links.get(nameOf(key));
    if (link === undefined || link.isLost) return false;
    disk.links.set(nameOf(key), { ...link, ...changed });
    return true;
  };

  return {
    async putLinks(links, { now, waiting }) {
      const added = new Map<string, KeptLink>();
      for (const link of links) {
        const before = added.get(nameOf(link)) ?? disk.links.get(nameOf(link));
        if (before === undefined) added.set(nameOf(link), { ...link, at: now, isLost: false });
        else if (before.opening !== null && toHex(before.opening) !== toHex(link.opening)) return null;
      }
      const after = [...kept(), ...added.values()].filter(({ opening }) => opening !== null);
      const full = new Set<string>();
      for (const { from, to } of added.values()) {
        if (after.filter((each) => each.from === from && each.to === to).length > waiting) full.add(`${from} ${to}`);
      }
      const isRefused = (link: LinkKey) => full.has(`${link.from} ${link.to}`) && !disk.links.has(nameOf(link));
      const refused = links.flatMap((link, index) => (isRefused(link) ? [index] : []));
      for (const [name, link] of added) if (!full.has(`${link.from} ${link.to}`)) disk.links.set(name, link);
      return refused;
    },

    linksTo: async (recipient, limit) =>
      waitingFor(recipient)
        .sort((a, b) => a.at - b.at)
        .slice(0, limit)
        .map(({ link }) => link),

    linksFrom: async (sender, range) =>
      kept()
        .filter(({ from, isLost }) => from === sender && !isLost)
        .filter(({ to }) => range === undefined || (range.first <= to && to <= range.last))
        .map(({ to, id, opening }) => ({ to, id, isWaiting: opening !== null })),

    async confirmLinks(links) {
      for (const link of links) change(link, { opening: null });
    },

    loseLinks: async (links) => links.filter((link) => change(link, { opening: null, isLost: true })),

    async deleteLinks(fingerprint) {
      for (const [name, { from, to, opening }] of disk.links) {
        const isRead = opening === null;
        if (isRead ? from === fingerprint : to === fingerprint) disk.links.delete(name);
      }
    },

    async expireLinks({ before, limit }) {
      const old = [...disk.links]
        .filter(([, link]) => link.at < before && !isInvitedDirectly(disk, link))
        .slice(0, limit);
      for (const [name] of old) disk.links.delete(name);
      return { rows: old.length, more: old.length === limit };
    },
  };
}
