/**
 * The fourth example: a room that was created before signatures needed a low s, before payloads were binary, and before wraps travelled
 * over links. It has entries in JSON, one of them with a high s, two epochs of version 1, then entries in the present form.
 */
import { createHash } from 'node:crypto';
import { clientCreateKeys, type KeyPair, sendKeyToClient } from '@chat/ecdh-hub';
import { entryDomain, fromBase64url, fromHex, type SignedEntry, sha256Hex, toBase64url, utf8 } from '@chat/protocol';
import { composeMessage, type RoomState } from '@chat/room';
import { isLowS } from '@chat/signatures';
import { otherSignature } from '@chat/testkit';
import { fieldsOf } from '../payload-fields.ts';
import type { Breach } from './breach.ts';
import { PastRoom } from './breach.ts';
import { resigned, signedBytes } from './forge.ts';
import { type Participant, RecordedRoom } from './recorded-room.ts';
import { exampleOf } from './room-example.ts';
import type { SignerOf } from './signers.ts';

/** Returns the entry with the signature whose s is high. */
export function withHighS(entry: SignedEntry): SignedEntry {
  const { signature } = entry;
  return isLowS(signature) ? { ...entry, signature: otherSignature(signature) } : entry;
}

/** Returns the entry with its payload in JSON, signed again. */
function inJson(recorded: RecordedRoom, { signer }: Participant, { type, payload }: SignedEntry): SignedEntry {
  const json = utf8(JSON.stringify(fieldsOf(payload)));
  return signedBytes(signer, type, recorded.roomId, json, entryDomain(type, recorded.roomId));
}

/** A secret in an envelope for one recipient, as they were before links: both in base64url. */
interface Wrap {
  readonly to: string;
  readonly envelope: string;
}

/** Returns what an epoch of version 1 names of its wraps. */
function wrapsDigest(wraps: readonly Wrap[]): string {
  const sorted = [...wraps].sort((a, b) => (a.to < b.to ? -1 : 1));
  const parts = sorted.flatMap(({ to, envelope }) => [
    fromHex(to),
    createHash('sha256').update(fromBase64url(envelope)).digest(),
  ]);
  return sha256Hex(Buffer.concat([utf8('chat/1 wraps\n'), ...parts]));
}

/** The state of a member to whose client every key is of the present version. Only such a client composes under the key. */
const asPresent = (state: RoomState): RoomState => ({
  ...state,
  epoch: state.epoch === null ? null : { ...state.epoch, v: 2 },
});

/** The room, and what its file has beside the rest. */
export interface Earlier {
  readonly recorded: RecordedRoom;
  readonly alice: Participant;
  readonly bob: Participant;
  /** The users' prekeys of that time, by name. */
  readonly prekeys: Map<string, KeyPair>;
  /** The wraps of each epoch of version 1, by number. */
  readonly wraps: Map<number, readonly Wrap[]>;
}

/** Makes an epoch of version 1. */
function rekey(
  { recorded, prekeys, wraps }: Earlier,
  person: Participant,
  encode = (entry: SignedEntry) => entry,
): void {
  const { random } = recorded.recording.crypto;
  const { entry, recipients, state } = recorded.epoch(person, asPresent(person.state));
  const [{ secret }] = state.drafts as [RoomState['drafts'][number]];
  const number = (person.state.epoch?.number ?? 0) + 1;
  const made = recipients.map(({ user, fingerprint: to }) => {
    const context = utf8(`chat/1 wrap ${recorded.roomId} ${number} ${to}`);
    const { publicKey } = prekeys.get(user) ?? { publicKey: new Uint8Array() };
    recorded.handed.set(`${number} ${to}`, fromBase64url(secret));
    const envelope = sendKeyToClient(publicKey, fromBase64url(secret), context, { suite: 'P-384', random });
    return { to, envelope: toBase64url(envelope) };
  });
  wraps.set(number, made);
  person.state = { ...person.state, drafts: state.drafts };
  recorded.append(encode(resigned(person.signer, recorded.roomId, entry, { v: 1, wraps: wrapsDigest(made) })));
}

/** Composes a message whose payload and content are JSON. */
function earlierMessage(recorded: RecordedRoom, person: Participant, text: string): SignedEntry {
  const { crypto, now, signer } = recorded.author(person);
  const { room, head, authors, secrets } = person.state;
  const { counter, last } = authors.get(signer.fingerprint) ?? { counter: 0, last: '' };
  const body = { kind: 'text', text };
  const place = { room, epoch: 1, author: signer.fingerprint };
  const content = utf8(JSON.stringify({ v: 1, ...place, counter: counter + 1, previous: last, at: now, body }));
  const padded = new Uint8Array(512).fill(0x20);
  padded.set(content);
  const key = crypto.derive(fromBase64url(secrets[1] ?? ''), `chat/1 message ${room} 1`);
  const token = Buffer.from(crypto.encrypt(key, padded, now))
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_');
  const payload = utf8(JSON.stringify({ v: 1, type: 'message', room, epoch: 1, head, token }));
  return signedBytes(signer, 'message', room, payload);
}

/** Records the room. */
export function recordEarlier(signerOf: SignerOf): Earlier {
  const recorded = new RecordedRoom('archive', { join: 'open', history: 'since-join' }, signerOf);
  const [alice, bob] = [recorded.participant('alice'), recorded.participant('bob')];
  const { random } = recorded.recording.crypto;
  const pairs = ['alice', 'bob'].map((name) => [name, clientCreateKeys('P-384', random)] as const);
  const earlier = { recorded, alice, bob, prekeys: new Map(pairs), wraps: new Map() };
  recorded.create(alice, { v: 1 }, (entry) => inJson(recorded, alice, entry));
  rekey(earlier, alice, (entry) => inJson(recorded, alice, entry));
  recorded.append(withHighS(earlierMessage(recorded, alice, 'Signed in the old way.')));
  recorded.append(earlierMessage(recorded, alice, 'Signed in the new way.'));
  recorded.join(bob);
  rekey(earlier, alice);
  recorded.append(composeMessage(recorded.author(bob), asPresent(bob.state), 'Encoded in the new way.'));
  recorded.rekey(bob);
  recorded.say(alice, 'Wrapped in the new way.');
  return earlier;
}

/** Returns the example with the wraps of its epochs of version 1, and the prekeys to which they were made. */
export function earlierExampleOf({ recorded, prekeys, wraps }: Earlier) {
  const example = exampleOf(recorded);
  return {
    ...example,
    people: example.people.map((person) => {
      const { publicKey, privateKey } = prekeys.get(person.user) as KeyPair;
      return { ...person, earlierPrekey: { publicKey: toBase64url(publicKey), privateKey: toBase64url(privateKey) } };
    }),
    epochs: example.epochs.map((epoch) => ({ ...epoch, envelopes: wraps.get(epoch.number) ?? [] })),
  };
}

/** Returns the breaches. */
export function earlierBreaches({ recorded, alice, bob }: Earlier): readonly Breach[] {
  const past = new PastRoom(recorded);
  const { entry } = recorded.epoch(alice, past.state(alice, 5));
  const present = past.at(8);
  return [
    past.breach('wrong-epoch', 5, 'a step after a key of version 1', past.resigned(alice, entry, { kind: 'step' })),
    past.breach('wrong-epoch', 7, 'a step without a newcomer', past.resigned(bob, present, { kind: 'step' })),
    past.breach('malformed', 7, 'a key of an unknown version', past.resigned(bob, present, { v: 3 })),
  ];
}
