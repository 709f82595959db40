/** Lies of a server on whose word a deadline of the client might hang, and what a client has to report of each. */
import type { ClientEvent } from '@chat/client';
import { prekeyStatement, type SignedPrekey, toBase64url } from '@chat/protocol';
import type { World } from '../run/world.ts';
import { caFingerprint } from '../simulated/simulated-server.ts';
import type { SimulatedUser } from '../simulated/simulated-user.ts';
import { ok } from './frame-lies.ts';
import type { Frame, Tampering } from './tampered-connection.ts';

/** A way to keep duties from being done, for the connections of one user. */
export interface DeadlineLie {
  readonly name: string;
  /** Number of frames with the lie that each user was sent. */
  readonly sent: Map<SimulatedUser, number>;
  tampering(victim: SimulatedUser): Tampering;
  /** Returns whether an event of a victim reports it; null if it has no effect that there is to report. */
  readonly reports: ((event: ClientEvent) => boolean) | null;
  /** True if the server also cuts every connection before a minute has passed. */
  readonly cuts: boolean;
}

type Kind = (world: World, note: (victim: SimulatedUser) => void) => Omit<DeadlineLie, 'sent'>;

const isTrouble =
  (...codes: readonly string[]) =>
  (event: ClientEvent): boolean =>
    event.kind === 'trouble' && codes.includes(event.code);

/** Leaves the user out of the members who are connected. The client counts itself, so nothing follows from it. */
const leftOut: Kind = (_, note) => ({
  name: 'a member left out',
  reports: null,
  cuts: false,
  tampering: (victim) => ({
    toClient(frame) {
      if (frame['push'] === 'presence') {
        const changes = (frame['changes'] as { readonly user: string }[]).filter(({ user }) => user !== victim.user);
        return [{ ...frame, changes }];
      }
      const online = ok(frame)?.['online'] as readonly string[] | undefined;
      if (online === undefined) return [frame];
      note(victim);
      return [{ ...frame, ok: { ...ok(frame), online: online.filter((user) => user !== victim.user) } }];
    },
  }),
});

const withoutEnd = (note: (victim: SimulatedUser) => void, victim: SimulatedUser): Tampering => {
  let first: unknown;
  return {
    toClient(frame) {
      if (frame['push'] !== 'caught-up') return [frame];
      first ??= frame['room'];
      if (frame['room'] !== first) return [frame];
      note(victim);
      return [];
    },
  };
};

/** Sends the whole log of one room, and never that this was all. */
const noEnd: Kind = (_, note) => ({
  name: 'no end of a log',
  reports: (event) => event.kind === 'stalled',
  cuts: false,
  tampering: (victim) => withoutEnd(note, victim),
});

/** Cuts every connection within a minute, and lets no log end before. */
const cut: Kind = (_, note) => ({
  name: 'short connections',
  reports: isTrouble('rooms-unread'),
  cuts: true,
  tampering: (victim) => withoutEnd(note, victim),
});

const noWrap: Kind = (_, note) => ({
  name: 'no wrap',
  reports: isTrouble('internal', 'key-missing'),
  cuts: false,
  tampering: (victim) => ({
    toClient(frame, asked) {
      if (frame['push'] === 'wrap') return [];
      if (asked?.['op'] !== 'get-wraps') return [frame];
      note(victim);
      return [{ re: frame['re'], error: { code: 'internal', message: 'The server failed.' } }];
    },
  }),
});

/** Hands out a prekey from the end of time for each user. Another person has signed it with the user's identity key. */
const endOfTime: Kind = ({ people, suite }, note) => {
  const stolen = new Map(
    people.map(({ user, signer }) => {
      const prekey = toBase64url(suite.newRoomCrypto().newPrekey().publicKey);
      const madeAt = 8.64e15;
      const { domain, data } = prekeyStatement(caFingerprint, { user, prekey, madeAt });
      return [user, { prekey, madeAt, signature: toBase64url(signer.sign(domain, data)) }] as const;
    }),
  );
  return {
    name: 'prekeys from the end of time',
    reports: (event) =>
      event.kind === 'foreign-prekey' ||
      (event.kind === 'room' && event.event.kind === 'violation' && event.event.code === 'early-prekey'),
    cuts: false,
    tampering: (victim) => ({
      toClient(frame: Frame, asked) {
        const records = ok(frame)?.['prekeys'] as readonly SignedPrekey[] | undefined;
        if (asked?.['op'] !== 'get-prekeys' || records === undefined || records.length === 0) return [frame];
        note(victim);
        return [{ ...frame, ok: { prekeys: records.map((record) => ({ ...record, ...stolen.get(record.user) })) } }];
      },
    }),
  };
};

const kinds: readonly Kind[] = [leftOut, noEnd, cut, noWrap, endOfTime];

/** The number of lies. Each seed makes one, in turn. */
export const lieCount = kinds.length;

export function deadlineLie(world: World, seed: number): DeadlineLie {
  const sent = new Map<SimulatedUser, number>();
  const note = (victim: SimulatedUser) => void sent.set(victim, (sent.get(victim) ?? 0) + 1);
  return { sent, ...(kinds[seed % kinds.length] ?? leftOut)(world, note) };
}
