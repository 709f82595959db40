/** SQL for links between two users, and for their openings. */
import type { LinkKey, WaitingLink } from '@chat/server-core';
import type { Database } from 'better-sqlite3';
import { insertion, isSound, sealOf } from '../file/row-checks.ts';
import type { Tables } from '../operation.ts';

type LinkTables = Pick<
  Tables,
  'putLinks' | 'linksTo' | 'linksFrom' | 'confirmLinks' | 'loseLinks' | 'deleteLinks' | 'expireLinks'
>;

/** What names a link, as the tables have it. */
interface KeyRow {
  readonly sender: Buffer;
  readonly recipient: Buffer;
  readonly id: Buffer;
}

interface OpeningRow extends KeyRow {
  readonly prekey: Buffer;
  readonly opening: Buffer;
}

const keyRowOf = ({ from, to, id }: LinkKey): KeyRow => ({
  sender: Buffer.from(from, 'hex'),
  recipient: Buffer.from(to, 'hex'),
  id: Buffer.from(id),
});

const keyOf = ({ sender, recipient, id }: KeyRow): LinkKey => ({
  from: sender.toString('hex'),
  to: recipient.toString('hex'),
  id,
});

const pairOf = ({ from, to }: LinkKey): string => `${from} ${to}`;
const nameOf = (link: LinkKey): string => `${pairOf(link)} ${Buffer.from(link.id).toString('hex')}`;

const allRecipients = { first: '0'.repeat(64), last: 'f'.repeat(64) };

const isKey = 'sender = @sender AND recipient = @recipient AND id = @id';

/** Prepares the operations on links. */
export function linkTables(database: Database): LinkTables {
  const known = database.prepare<[KeyRow], { readonly lost: 0 | 1 }>(
    `SELECT lost FROM links WHERE ${isKey} AND ${isSound('links')}`,
  );
  const openingOf = database
    .prepare<[KeyRow], Buffer>(`SELECT opening FROM openings WHERE ${isKey} AND ${isSound('openings')}`)
    .pluck();
  const countWaiting = database
    .prepare<[Pick<KeyRow, 'sender' | 'recipient'>], number>(
      'SELECT count(*) FROM openings WHERE sender = @sender AND recipient = @recipient',
    )
    .pluck();
  const removeLink = database.prepare<[KeyRow]>(`DELETE FROM links WHERE ${isKey}`);
  const removeOpening = database.prepare<[KeyRow]>(`DELETE FROM openings WHERE ${isKey}`);
  const addLink = database.prepare<[KeyRow & { readonly at: number; readonly lost: 0 }]>(insertion('links'));
  const addOpening = database.prepare<[OpeningRow & { readonly at: number }]>(insertion('openings'));
  const waiting = database.prepare<[Buffer, number], OpeningRow>(
    `SELECT sender, recipient, id, prekey, opening FROM openings
     WHERE recipient = ? AND ${isSound('openings')} ORDER BY at LIMIT ?`,
  );
  const live = database.prepare<
    [Buffer, Buffer, Buffer],
    Pick<KeyRow, 'recipient' | 'id'> & { readonly isWaiting: 0 | 1 }
  >(
    `SELECT recipient, id, EXISTS (
       SELECT 1 FROM openings
       WHERE openings.sender = links.sender AND openings.recipient = links.recipient AND openings.id = links.id
     ) AS isWaiting
     FROM links WHERE sender = ? AND recipient BETWEEN ? AND ? AND lost = 0 AND ${isSound('links')}`,
  );
  const lose = database.prepare<[KeyRow]>(
    `UPDATE links SET lost = 1 WHERE ${isKey} AND lost = 0 AND ${isSound('links')}`,
  );
  const seal = sealOf(database, 'links');
  const readFrom = database.prepare<[Buffer], KeyRow>(
    `SELECT sender, recipient, id FROM links WHERE sender = ? AND NOT EXISTS (
       SELECT 1 FROM openings
       WHERE openings.sender = links.sender AND openings.recipient = links.recipient AND openings.id = links.id
     )`,
  );
  const unreadBy = database.prepare<[Buffer], KeyRow>('SELECT sender, recipient, id FROM openings WHERE recipient = ?');
  const old = database.prepare<[number, number], KeyRow>(
    `SELECT sender, recipient, id FROM links WHERE at < ? AND NOT EXISTS (
       SELECT 1 FROM invited
       JOIN rooms ON rooms.id = invited.room AND join_policy = 'direct'
       JOIN members ON members.room = rooms.id AND members.fingerprint = lower(hex(links.sender))
       WHERE invited.fingerprint = lower(hex(links.recipient))
     ) ORDER BY at LIMIT ?`,
  );

  function remove(key: KeyRow): void {
    removeOpening.run(key);
    removeLink.run(key);
  }

  /** Returns the links that are not stored yet; null when another opening waits under one of the names. */
  function unknownOf(links: readonly WaitingLink[]): Map<string, WaitingLink> | null {
    const unknown = new Map<string, WaitingLink>();
    for (const link of links) {
      const key = keyRowOf(link);
      const name = nameOf(link);
      const before = unknown.get(name)?.opening ?? openingOf.get(key);
      if (before !== undefined && Buffer.compare(before, link.opening) !== 0) return null;
      // A damaged row is replaced.
      if (known.get(key) === undefined) unknown.set(name, link);
    }
    return unknown;
  }

  return {
    putLinks(links, bounds) {
      const unknown = unknownOf(links);
      if (unknown === null) return null;
      const added = new Map<string, number>();
      const full = new Set<string>();
      for (const link of unknown.values()) {
        // The opening of a damaged link counts already.
        const more = openingOf.get(keyRowOf(link)) === undefined ? 1 : 0;
        const pair = pairOf(link);
        added.set(pair, (added.get(pair) ?? 0) + more);
      }
      for (const link of unknown.values()) {
        const { sender, recipient } = keyRowOf(link);
        const count = (countWaiting.get({ sender, recipient }) ?? 0) + (added.get(pairOf(link)) ?? 0);
        if (count > bounds.waiting) full.add(pairOf(link));
      }
      for (const link of unknown.values()) {
        if (full.has(pairOf(link))) continue;
        const key = keyRowOf(link);
        remove(key);
        addLink.run({ ...key, at: bounds.now, lost: 0 });
        const content = { prekey: Buffer.from(link.prekey), opening: Buffer.from(link.opening) };
        addOpening.run({ ...key, ...content, at: bounds.now });
      }
      const names = new Set(unknown.keys());
      return links.flatMap((link, index) => (full.has(pairOf(link)) && names.has(nameOf(link)) ? [index] : []));
    },

    linksTo: (recipient, limit) =>
      waiting
        .all(Buffer.from(recipient, 'hex'), limit)
        .map(({ prekey, opening, ...key }) => ({ ...keyOf(key), prekey, opening })),

    linksFrom: (sender, { first, last } = allRecipients) =>
      live
        .all(Buffer.from(sender, 'hex'), Buffer.from(first, 'hex'), Buffer.from(last, 'hex'))
        .map(({ recipient, id, isWaiting }) => ({ to: recipient.toString('hex'), id, isWaiting: isWaiting === 1 })),

    confirmLinks(links) {
      for (const link of links) removeOpening.run(keyRowOf(link));
    },

    loseLinks: (links) =>
      links.filter((link) => {
        const key = keyRowOf(link);
        if (lose.run(key).changes === 0) return false;
        seal(key.sender, key.recipient, key.id);
        removeOpening.run(key);
        return true;
      }),

    deleteLinks(fingerprint) {
      const key = Buffer.from(fingerprint, 'hex');
      for (const row of [...readFrom.all(key), ...unreadBy.all(key)]) remove(row);
    },

    expireLinks({ before, limit }) {
      const rows = old.all(before, limit);
      for (const row of rows) remove(row);
      return { rows: rows.length, more: rows.length === limit };
    },
  };
}
