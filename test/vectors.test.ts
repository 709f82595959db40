/**
 * The examples in `vectors/`. The code makes the same examples from the same keys and randomness, and a Python program that was
 * written from docs/protocol.md alone obtains the same results. `tooling/vectors.ts` writes the examples.
 */
import { spawnSync } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  entryDomain,
  FrameDecoder,
  fingerprintOfKey,
  fromBase64url,
  fromHex,
  limits,
  ProtocolError,
  parsePayload,
  signaturesOfChain,
  signedEntry,
  toHex,
  utf8,
} from '@chat/protocol';
import { applyEntry, createRoomCrypto, emptyRoom, type RoomState, readKnock } from '@chat/room';
import { type Domain, domainSeparated, importVerifier } from '@chat/signatures';
import { findPython, isFullRun, optional, temporaryFolder } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { recordAdmission } from './support/vectors/admission.ts';
import { stub, withOthers } from './support/vectors/breach.ts';
import { makeBreaches, type Rooms } from './support/vectors/breaches.ts';
import { recordConversation } from './support/vectors/conversation.ts';
import { earlierExampleOf, recordEarlier } from './support/vectors/earlier.ts';
import { framesIn, makeFrames } from './support/vectors/frames.ts';
import { type GapExample, makeGaps } from './support/vectors/gaps.ts';
import { makeLinks } from './support/vectors/links.ts';
import { recordPair } from './support/vectors/pair.ts';
import { entryOf, exampleOf, type RoomExample, type WrittenEntry } from './support/vectors/room-example.ts';
import { recordedSigner } from './support/vectors/signers.ts';
import { makeStatements } from './support/vectors/statements.ts';

const python = findPython();
const vectors = join(import.meta.dirname, '..', 'vectors');

const stored = async <T>(name: string): Promise<T> => JSON.parse(await readFile(join(vectors, name), 'utf8'));
const rooms: Readonly<Record<keyof Rooms, RoomExample>> = {
  conversation: await stored<RoomExample>('conversation.json'),
  admission: await stored<RoomExample>('admission.json'),
  pair: await stored<RoomExample>('pair.json'),
  earlier: await stored<RoomExample>('earlier.json'),
};
const links = await stored<ReturnType<typeof makeLinks>>('links.json');
const breaches = await stored<ReturnType<typeof makeBreaches>>('breaches.json');
const gaps = await stored<readonly GapExample[]>('gaps.json');
const statements = await stored<ReturnType<typeof makeStatements>>('statements.json');
const frames = await stored<ReturnType<typeof makeFrames>>('frames.json');

const proofs = [statements.enrol, statements.renew, statements.login, statements.prekey, statements.renewKey];
const { knock, room: knockedRoomId } = statements.knock;
const identities = Object.values(rooms).flatMap(({ people, authority }) => [...people, authority]);
const keyOf = (fingerprint: string) =>
  fromBase64url(identities.find((identity) => identity.fingerprint === fingerprint)?.key ?? '');
const signedAs = (domain: Domain, by: string, data: Uint8Array, signature: string) =>
  importVerifier(keyOf(by)).verify(domain, data, fromBase64url(signature));

/** Returns the entry's signature for every type, because the breach may be that an entry is signed as another type. */
const signaturesOf = (roomId: string, { by, payload, signature }: WrittenEntry) =>
  signedEntry.shape.type.options.map((type) => ({
    by,
    signed: toHex(domainSeparated(entryDomain(type, roomId), fromHex(payload))),
    signature: fromBase64url(signature),
  }));

/** Returns the signatures of the renewals in a `renew-key` entry. */
function signaturesInChain({ type, payload }: WrittenEntry) {
  const renewal = type === 'renew-key' ? parsePayload(type, fromHex(payload)) : null;
  const owner = { serverId: rooms.pair.serverId, user: renewal?.author ?? '' };
  return ((renewal && signaturesOfChain(renewal, owner)) ?? []).map(({ key, domain, data, signature }) => ({
    by: fingerprintOfKey(key),
    signed: toHex(domainSeparated(domain, data)),
    signature: fromBase64url(signature),
  }));
}

describe('the code makes', () => {
  const signaturesOfAll = ({ room, entries }: RoomExample, others: readonly WrittenEntry[] = []) =>
    [...entries.map(({ entry }) => entry), ...others].flatMap((entry) => [
      ...signaturesOf(room, entry),
      ...signaturesInChain(entry),
    ]);
  const signaturesIn = (name: keyof Rooms) =>
    signaturesOfAll(
      rooms[name],
      breaches[name].flatMap(({ item }) => ('entry' in item ? [item.entry] : [])),
    );
  const conversation = recordConversation(recordedSigner(signaturesIn('conversation')));
  const admission = recordAdmission(recordedSigner(signaturesIn('admission')));
  const pair = recordPair(recordedSigner(signaturesIn('pair')));
  const earlier = recordEarlier(recordedSigner(signaturesIn('earlier')));

  test('the same rooms', () => {
    expect(exampleOf(conversation.recorded)).toEqual(rooms.conversation);
    expect(exampleOf(admission.recorded)).toEqual(rooms.admission);
    expect(exampleOf(pair.recorded)).toEqual(rooms.pair);
    expect(earlierExampleOf(earlier)).toEqual(rooms.earlier);
  });

  test('the same breaches, and reports each', () => {
    expect(makeBreaches({ conversation, admission, pair, earlier })).toEqual(breaches);
    const crypto = createRoomCrypto();
    const readers = {
      ...{ conversation: conversation.alice, admission: admission.alice },
      ...{ pair: pair.alice, earlier: earlier.alice },
    };
    for (const name of ['conversation', 'admission', 'pair', 'earlier'] as const) {
      for (const { what, after, stubs = 0, others = 0, violation, item } of breaches[name]) {
        let state = readers[name].states.get(after);
        if (state === undefined) throw new Error(`There is no state at ${after}.`);
        for (let seq = after + 1; seq <= after + stubs; seq += 1) state = applyEntry(state, stub(seq), crypto).state;
        const { seq } = item;
        const logged =
          'entry' in item ? { seq, at: 0, entry: entryOf(item.entry) } : { seq, hashes: fromHex(item.hashes) };
        const codesIn = (room: RoomState) =>
          applyEntry(room, logged, crypto).events.flatMap((event) => (event.kind === 'violation' ? [event.code] : []));
        expect(codesIn(others > 0 ? withOthers(state, others) : state), what).toEqual([violation]);
        if (others > 0) expect(codesIn(withOthers(state, others - 1)), what).toEqual([]);
      }
    }
  });

  test('the same gaps, and reports the same of each', () => {
    expect(makeGaps(conversation)).toEqual(gaps);
  });

  test('the same links and trees', () => {
    expect(makeLinks()).toEqual(links);
  });

  test('the same statements', () => {
    const knocked = { signed: statements.knock.signed, signature: knock.signature };
    const { signed, heartbeat } = statements.heartbeat;
    const signatures = [...proofs, knocked, { signed, signature: heartbeat.signature }].map(({ signed, signature }) => {
      return { by: statements.by, signed, signature: fromBase64url(signature) };
    });
    expect(makeStatements(recordedSigner(signatures))).toEqual(statements);
  });

  test('the same frames', () => {
    expect(makeFrames()).toEqual(frames);
    for (const { bytes, frames: decoded } of frames.sound) expect(framesIn(fromHex(bytes))).toEqual(decoded);
    for (const { bytes, code, what } of frames.broken) {
      expect(() => [...new FrameDecoder().push(fromHex(bytes))], what).toThrow(ProtocolError);
      expect(() => [...new FrameDecoder().push(fromHex(bytes))], what).toThrow(expect.objectContaining({ code }));
    }
    expect(frames.longest.bytes).toBe(limits.frameBytes);
  });
});

describe('the signatures', () => {
  test('are valid under the domains of their entries and statements only', () => {
    for (const { entry, domain } of Object.values(rooms).flatMap(({ entries }) => entries)) {
      expect(signedAs(domain, entry.by, fromHex(entry.payload), entry.signature)).toBe(true);
      const elsewhere = { ...domain, context: 'b'.repeat(64) };
      expect(signedAs(elsewhere, entry.by, fromHex(entry.payload), entry.signature)).toBe(false);
    }
    for (const { domain, data, signature } of proofs) {
      expect(signedAs(domain, statements.by, utf8(data), signature)).toBe(true);
      expect(signedAs({ ...domain, purpose: 'other' }, statements.by, utf8(data), signature)).toBe(false);
    }
    const nowhere = emptyRoom(knockedRoomId, statements.by);
    expect(readKnock(nowhere, knock, createRoomCrypto())).toMatchObject({ user: statements.user });
    expect(readKnock({ ...nowhere, room: 'b'.repeat(64) }, knock, createRoomCrypto())).toBeNull();
  });

  test('cover entries of every type', () => {
    const types = Object.values(rooms).flatMap(({ entries }) => entries.map(({ entry }) => entry.type));
    expect([...new Set(types)].sort()).toEqual([...signedEntry.shape.type.options].sort());
  });
});

optional('python3-cryptography', [python, '-c', 'import cryptography'])('pyca/cryptography', () => {
  const check = (folder: string) =>
    spawnSync(python, [join(vectors, 'check.py'), folder], { encoding: 'utf8', timeout: 60_000 });

  test('obtains the same results from the document alone', () => {
    const { stdout, stderr } = check(vectors);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\d+ checks passed\n$/);
    expect(Number.parseInt(stdout, 10)).toBeGreaterThan(1_500);
  });

  /** Alterations of the examples, each of which the program must detect. */
  const { conversation, admission } = rooms;
  const [first] = conversation.entries;
  const epoch = conversation.epochs[1];
  const message = conversation.encryptions[0];
  const [wrapping] = conversation.wrappings;
  const opening = conversation.links[0]?.opening ?? '';
  const past = admission.encryptions.find(({ plaintext }) => plaintext === admission.epochs[0]?.secret);
  const alterations: readonly [what: string, file: string, from: string, to: string][] = [
    ['an entry hash', 'conversation.json', first?.hash ?? '', 'c'.repeat(64)],
    ['a log hash', 'conversation.json', conversation.entries.at(-1)?.logHash ?? '', 'c'.repeat(64)],
    ['a secret', 'conversation.json', epoch?.secret ?? '', 'c'.repeat(64)],
    ['the root over the wraps', 'conversation.json', epoch?.wraps ?? '', 'c'.repeat(64)],
    ['a wrap', 'conversation.json', wrapping?.wrap ?? '', `${wrapping?.wrap.slice(0, -4)}AAAA`],
    ['an opening', 'conversation.json', opening, `${opening.slice(0, -4)}AAAA`],
    ['the version of an epoch', 'earlier.json', '"v": 1', '"v": 2'],
    ['a seed', 'links.json', links.link.prekey.seed, 'A'.repeat(43)],
    ['a wrap that arrives again', 'links.json', '"outcome": "used"', '"outcome": "opened"'],
    ['the path of a proof', 'links.json', links.trees.at(-1)?.paths[0] ?? '', links.trees.at(-1)?.paths[1] ?? ''],
    ['an initialisation vector', 'conversation.json', message?.iv ?? '', 'c'.repeat(32)],
    ['the purpose of a domain', 'conversation.json', 'room.leave', 'room.stay'],
    [
      'the version of a room whose entries may have a high s',
      'earlier.json',
      toHex(utf8('{"v":1,')),
      toHex(utf8('{"v":2,')),
    ],
    ['the secret of the epoch before', 'admission.json', past?.token ?? '', `${past?.token.slice(0, -2)}00`],
    ['the key of the CA', 'conversation.json', conversation.authority.key, conversation.people[0]?.key ?? ''],
    ['the violation of a breach', 'breaches.json', '"violation": "fork"', '"violation": "replayed"'],
    ['the number of stubs before a stale view', 'breaches.json', '"stubs": 512', '"stubs": 511'],
    ['the number of members of a full room', 'breaches.json', '"others": 4999', '"others": 4998'],
    ['a position that the server lost', 'gaps.json', '"last": 6', '"last": 7'],
    ['the entry before which a reader stays', 'gaps.json', '"stopsAt": 11', '"stopsAt": null'],
    ['the cause of a gap', 'gaps.json', '"cause": "expired"', '"cause": "damaged"'],
    [
      'the own message that waits',
      'gaps.json',
      gaps.find(({ outbox }) => outbox !== null)?.outbox ?? '',
      'c'.repeat(64),
    ],
    ['the signature of a login', 'statements.json', statements.login.signature, statements.renew.signature],
    ['the signature of a renewal', 'statements.json', statements.renewKey.signature, statements.login.signature],
    ['the signature of a prekey', 'statements.json', statements.prekey.signature, statements.login.signature],
    ['the signer of a heartbeat', 'statements.json', statements.heartbeat.heartbeat.signature, knock.signature],
    ['the fingerprint of a log', 'statements.json', statements.logFingerprint.digits, '00000 '.repeat(12).trim()],
    ['the signer of a knock', 'statements.json', knock.by, 'c'.repeat(64)],
    ['the channel of a statement', 'statements.json', statements.channel, statements.nonce],
    ['a frame', 'frames.json', frames.sound[0]?.bytes ?? '', '0000000201a0'],
  ];
  const tried = alterations.filter((_, index) => isFullRun || index % 6 === 0);
  test.each(tried)('detects the alteration of %s', async (_, file, from, to) => {
    const folder = temporaryFolder();
    await cp(vectors, folder.path, { recursive: true });
    const path = join(folder.path, file);
    const text = await readFile(path, 'utf8');
    expect(text).toContain(from);
    await writeFile(path, text.replace(from, to));
    const { status, stderr } = check(folder.path);
    expect(stderr).toMatch(/^does not hold: /);
    expect(status).toBe(1);
  });
});
