/** The users of the benchmark: ten clients that are connected, and the attackers, whose profiles wait on the disk. */
import { join } from 'node:path';
import type { ChatClient } from '@chat/client';
import { enrol, fetchAuthority, listProfiles } from '@chat/client/node';
import { toBase64url } from '@chat/protocol';
import { signerOf, type Target } from './attack.ts';
import type { AttackRow } from './attacks.ts';

const clientCount = 10;
const password = 'a password';

/** What `enrolUsers` needs. */
export interface UsersOptions {
  readonly folder: string;
  readonly ports: Target['ports'];
  /** Certificate of the server's CA in PEM. */
  readonly ca: string;
  /** The attacks for which users are needed. */
  readonly rows: readonly AttackRow[];
}

/** The users of a server. */
export interface Users {
  readonly ports: Target['ports'];
  readonly clients: readonly ChatClient[];
  /** Returns what the attackers of this row need. */
  targetOf(row: AttackRow | null): Target;
  close(): Promise<void>;
}

/** Enrols all users, and lets them join the rooms. */
export async function enrolUsers({ folder, ports, ca, rows }: UsersOptions): Promise<Users> {
  const address = { host: '127.0.0.1', port: ports.enrolment };
  const authority = await fetchAuthority(address);
  const home = join(folder, 'attackers');
  const newClient = async (user: string, at: string): Promise<ChatClient> => {
    const client = await enrol({ home: at, address, authority, user, password });
    await client.connect();
    return client;
  };

  const clients: ChatClient[] = [];
  for (let index = 0; index < clientCount; index += 1) {
    const client = await newClient(`user-${index}`, join(folder, `home-${index}`));
    await (index === 0 ? client.createRoom('lobby') : client.joinRoom('lobby'));
    clients.push(client);
  }
  const [host] = clients;
  if (host === undefined) throw new Error('there are no clients');
  const { roomId: door } = await host.createRoom('door', { join: 'invite', history: 'since-join' });
  for (const client of clients.slice(1)) {
    await host.invite('door', client.user);
    await client.joinRoom('door');
  }

  const usersOf = new Map<string, readonly string[]>();
  let attackers = 0;
  for (const { name, users } of rows) {
    const names = Array.from({ length: users }, () => `mallory-${attackers++}`);
    usersOf.set(name, names);
    for (const user of names) {
      const client = await newClient(user, home);
      await client.createRoom(user);
      await client.joinRoom('lobby');
      // An answer to a message shows that the client has read both rooms and has their keys.
      await client.send(user, 'hello');
      await client.send('lobby', 'hello');
      await client.close();
    }
  }
  // An invitation that one attack leaves behind is none that the next one can withdraw, so each has an outsider of its own.
  const outsiders = new Map<string, Target['outsider']>();
  for (const [index, { name }] of rows.entries()) {
    const user = `outsider-${index}`;
    const client = await newClient(user, home);
    await client.close();
    const [profile] = (await listProfiles(home)).filter((each) => each.user === user);
    if (profile === undefined) throw new Error('the outsider has no profile');
    outsiders.set(name, { user, key: toBase64url((await signerOf(profile, password)).publicKey) });
  }
  const none = { user: '', key: '' };

  return {
    ports,
    clients,
    targetOf: (row) => ({
      ports,
      network: row === null ? 0 : 1 + rows.indexOf(row),
      ca,
      caFingerprint: authority.fingerprint,
      home,
      password,
      users: usersOf.get(row?.name ?? '') ?? [],
      door,
      outsider: outsiders.get(row?.name ?? '') ?? none,
    }),
    async close() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
