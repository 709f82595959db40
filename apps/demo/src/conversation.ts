/** The conversation of the demonstration, with real parts: a server process, TLS, certificates and files. */
import { fromBase64url, type RoomId, utf8 } from '@chat/protocol';
import { enrolAndConnect } from './demo-user.ts';
import type { Secret } from './leak-search.ts';
import { startServerProcess } from './server-process.ts';

/** The result of the demonstration's conversation. */
export interface Conversation {
  readonly roomId: RoomId;
  /** The lines that each user saw. */
  readonly seen: { readonly alice: readonly string[]; readonly bob: readonly string[] };
  /** What the server must not have: the texts and the room keys. */
  readonly secrets: readonly Secret[];
  /** What the server printed and logged. */
  readonly output: string;
}

const lines = [
  ['alice', 'Hello Bob, can the server read this?'],
  ['bob', 'It relays and stores it, and has no key.'],
  ['alice', 'Then the plan: Tuesday at seven, the usual place.'],
] as const;

/**
 * Lets Alice and Bob talk through a server.
 *
 * @param data the directory of the server
 * @param home the directory of the profiles
 * @param print receives lines about the progress
 */
export async function converse(data: string, home: string, print: (text: string) => void): Promise<Conversation> {
  await using server = await startServerProcess(data);
  print(`The server listens. The fingerprint of its CA begins with ${server.line.fingerprint?.slice(0, 16)}.`);

  const alice = await enrolAndConnect(home, server.line, 'alice');
  const bob = await enrolAndConnect(home, server.line, 'bob');
  const users = { alice, bob };
  print('Alice and Bob have enrolled: they have keys and certificates, and are connected by mutual TLS.');

  const { roomId } = await alice.client.createRoom('demo');
  await bob.client.joinRoom('demo');
  await bob.sees('* new key, number 2');
  for (const [user, text] of lines) {
    await users[user].client.send('demo', text);
    await Promise.all([alice.sees(`${user}: ${text}`), bob.sees(`${user}: ${text}`)]);
  }
  await alice.client.close();
  await bob.client.close();

  const keys = [...new Set([...(await alice.roomKeys()), ...(await bob.roomKeys())])];
  const secrets = [
    ...lines.map(([, text]) => ({ what: `text "${text}"`, bytes: utf8(text) })),
    ...keys.map((key, index) => ({ what: `key ${index + 1}`, bytes: fromBase64url(key) })),
  ];
  return { roomId, seen: { alice: alice.seen, bob: bob.seen }, secrets, output: server.output() };
}
