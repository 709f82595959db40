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
  wrapsDigest,
} from '@chat/protocol';
import { domainSeparated } from '@chat/signatures';
import type { RecordedRoom } from './recorded-room.ts';

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

/** Returns every epoch with its secret and its wraps. */
function epochsOf({ roomId, log, wraps, recording }: RecordedRoom) {
  const derived = (info: string) => recording.derivations.find((each) => each.info === info);
  return log.flatMap(({ seq, entry }) => {
    const payload = entry.type === 'epoch' ? parsePayload('epoch', entry.payload) : null;
    if (payload === null) return [];
    const { number, kind } = payload;
    const handed = wraps.get(number) ?? [];
    const secret = derived(`chat/1 commitment ${roomId} ${number}`)?.secret;
    return [{ seq, number, kind, secret, wraps: handed, wrapsDigest: wrapsDigest(handed) }];
  });
}

/** Returns the example. Callers call it before they compose anything else with the room's participants. */
export function exampleOf(recorded: RecordedRoom) {
  const { recording, authority } = recorded;
  return {
    room: recorded.roomId,
    emptyLogHash: emptyLogHash(recorded.roomId),
    authority: { key: toBase64url(authority.publicKey), fingerprint: authority.fingerprint },
    people: recorded.participants.map(({ name, signer, prekey }) => ({
      user: name,
      key: toBase64url(signer.publicKey),
      fingerprint: signer.fingerprint,
      prekey: { publicKey: toBase64url(prekey.publicKey), privateKey: toBase64url(prekey.privateKey) },
    })),
    entries: entriesOf(recorded),
    epochs: epochsOf(recorded),
    derivations: [...recording.derivations],
    encryptions: [...recording.encryptions],
    wrappings: [...recording.wrappings],
  };
}

/** The content of the file. */
export type RoomExample = ReturnType<typeof exampleOf>;
