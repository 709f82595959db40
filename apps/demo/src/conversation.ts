/** The conversation itself, with everything real: the server's process, TLS, certificates, files. */
import { fromBase64url, type RoomId, utf8 } from '@chat/protocol';
import type { Sought } from './leak-search.ts';
import { enterChat } from './person.ts';
import { startServerProcess } from './server-process.ts';

export interface Conversation {
  readonly room: RoomId;
  readonly seen: { readonly alice: readonly string[]; readonly bob: readonly string[] };
  /** What must not be found at the server. */
  readonly sought: readonly Sought[];
  /** What the server printed and logged. */
  readonly output: string;
}

const lines = [
  ['alice', 'Hello Bob, can the server read this?'],
  ['bob', 'It relays and stores it, and has no key.'],
  ['alice', 'Then the plan: Tuesday at seven, the usual place.'],
] as const;

export async function converse(data: string, home: string, print: (text: string) => void): Promise<Conversation> {
  await using server = await startServerProcess(data);
  print(`The server listens; its CA is ${server.line.fingerprint?.slice(0, 16)}…`);

  const people = { alice: await enterChat(home, server.line, 'alice'), bob: await enterChat(home, server.line, 'bob') };
  const { alice, bob } = people;
  print('alice and bob are enrolled: keys made, certificates signed, mutual TLS up.');

  const { roomId: room } = await alice.client.createRoom('demo');
  await bob.client.joinRoom('demo');
  await bob.sees('* new key, number 2');
  for (const [user, text] of lines) {
    await people[user].client.send('demo', text);
    await Promise.all([alice.sees(`${user}: ${text}`), bob.sees(`${user}: ${text}`)]);
  }
  await alice.client.close();
  await bob.client.close();

  const secrets = new Set([...(await alice.secrets()), ...(await bob.secrets())]);
  const keys = [...secrets].map((secret, index) => ({ what: `key ${index + 1}`, bytes: fromBase64url(secret) }));
  const texts = lines.map(([, text]) => ({ what: `text "${text}"`, bytes: utf8(text) }));
  return { room, seen: { alice: alice.seen, bob: bob.seen }, sought: [...texts, ...keys], output: server.output() };
}
