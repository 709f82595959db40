/** The example of a room as the file in `vectors/` holds it: entries, keys, and every computation. */
import {
  emptyLogHash,
  entryDomain,
  entryHash,
  fromBase64url,
  fromHex,
  nextLogHash,
  parsePayload,
  type SignedEntry,
  toBase64url,
  toHex,
} from '@chat/protocol';
import { slotAt } from '@chat/room';
import { domainSeparated } from '@chat/signatures';
import { type RecordedRoom, serverId } from './recorded-room.ts';
import { shownAfter } from './shown.ts';

/** An entry in a file: the payload in hex, the signature in base64url. */
export interface WrittenEntry {
  readonly type: SignedEntry['type'];
  readonly payload: string;
  readonly by: string;
  readonly signature: string;
}

/** Returns an entry as the files have it. */
export const written = ({ type, payload, by, signature }: SignedEntry): WrittenEntry => ({
  type,
  payload: toHex(payload),
  by,
  signature: toBase64url(signature),
});

/** Returns the entry of a file. */
export const entryOf = ({ type, payload, by, signature }: WrittenEntry): SignedEntry => ({
  type,
  payload: fromHex(payload),
  by,
  signature: fromBase64url(signature),
});

/** Returns every entry with its domain, the signed bytes, its hash, and the log hash after it. */
function entriesOf({ roomId, log }: RecordedRoom) {
  let logHash = emptyLogHash(roomId);
  return log.map(({ seq, at, entry }) => {
    const hash = entryHash(entry);
    logHash = nextLogHash(logHash, { seq, type: entry.type, hash });
    const domain = entryDomain(entry.type, roomId);
    return {
      seq,
      at,
      entry: written(entry),
      domain,
      signed: toHex(domainSeparated(domain, entry.payload)),
      hash,
      logHash,
    };
  });
}

/** Returns every epoch with its secret and, if it is of version 2, its slots. */
function epochsOf({ roomId, log, published, recording }: RecordedRoom) {
  const derived = (info: string) => recording.derivations.find((each) => each.info === info);
  return log.flatMap(({ seq, entry }) => {
    const payload = entry.type === 'epoch' ? parsePayload('epoch', entry.payload) : null;
    if (payload === null) return [];
    const { v, number, kind, wraps } = payload;
    const { recipients = [], slots = new Uint8Array() } = published.get(number) ?? {};
    const secret = derived(`chat/1 commitment ${roomId} ${number}`)?.secret;
    const listed = recipients.map(({ fingerprint }, index) => {
      const wrap = slotAt(slots, index);
      return { to: fingerprint, wrap: wrap === null ? null : toBase64url(wrap) };
    });
    return [{ v, seq, number, kind, secret, ...(v === 2 ? { slots: listed } : {}), wraps }];
  });
}

/** Returns the example. Callers call it before they compose anything else with the room's participants. */
export function exampleOf(recorded: RecordedRoom) {
  const { recording, authority } = recorded;
  return {
    room: recorded.roomId,
    emptyLogHash: emptyLogHash(recorded.roomId),
    serverId,
    authority: { key: toBase64url(authority.publicKey), fingerprint: authority.fingerprint },
    people: recorded.participants.map(({ name, signer, prekey }) => ({
      user: name,
      key: toBase64url(signer.publicKey),
      fingerprint: signer.fingerprint,
      prekey: { publicKey: toBase64url(prekey.publicKey), seed: toBase64url(prekey.seed) },
    })),
    entries: entriesOf(recorded),
    epochs: epochsOf(recorded),
    derivations: [...recording.derivations],
    encryptions: [...recording.encryptions],
    links: [...recording.links],
    wrappings: [...recording.wrappings],
    shown: shownAfter(recorded.events),
  };
}

/** The content of the file. */
export type RoomExample = ReturnType<typeof exampleOf>;
