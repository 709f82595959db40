/** The room of the benchmark: a user with a profile has created it, and then many users of the world have joined. */
import { join } from 'node:path';
import type { Stored } from '@chat/client';
import { enrol, fetchAuthority, inspectProfile, listProfiles } from '@chat/client/node';
import { prekeyStatement, prekeySuite, toBase64url } from '@chat/protocol';
import { createRoomCrypto, type RoomState } from '@chat/room';
import type { Store } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import { signerOf as signerOfProfile } from '../abuse/attack.ts';
import { addUsers } from '../client/users.ts';
import { FilledRoom } from '../fanout/filled-room.ts';
import { range } from '../fanout/loads/load.ts';
import { startScript } from '../fanout/peers/script.ts';
import { signerOf, type World } from '../fanout/world.ts';

/** The user who creates the room and removes members, and the room. */
export const hub = { user: 'hub', password: 'a password of some length', room: 'crowd' } as const;

/** Where a server listens. */
export interface Ports {
  readonly port: number;
  readonly enrolmentPort: number;
}

/** The room in the store, before the first key for its members. */
export interface Crowd {
  readonly ports: Ports;
  /** The directory of the hub's profile. */
  readonly home: string;
  /** The file of the store. */
  readonly store: string;
  /** What the members have read of the room. */
  readonly state: RoomState;
  /** The prekeys of the users, by their number. */
  readonly prekeys: Stored['prekeys'];
}

/** Starts the server on the store, with these ports if it has had them before. */
export const startOn = (worldFile: string, store: string, ports?: Ports) =>
  startScript<Ports>('chat-server.ts', { worldFile, store, ports });

/** Gives each user of the world a prekey. */
async function putPrekeys(store: Store, { users, caFingerprint }: World): Promise<Stored['prekeys']> {
  const crypto = createRoomCrypto();
  const madeAt = Date.now();
  const put = users.map(async (account) => {
    const { seed, publicKey } = crypto.newPrekey();
    const prekey = toBase64url(publicKey);
    const { domain, data } = prekeyStatement(caFingerprint, { user: account.user, prekey, madeAt });
    const signature = toBase64url(signerOf(account).sign(domain, data));
    await store.putPrekey(account.user, { suite: prekeySuite, prekey, madeAt, signature }, madeAt + 1);
    return { seed: toBase64url(seed), publicKey: prekey, madeAt, since: madeAt, publishedAt: madeAt };
  });
  return Promise.all(put);
}

/** Enrols the hub's user, and lets it create the room. */
async function createRoom(home: string, ports: Ports): Promise<void> {
  const address = { host: '127.0.0.1', port: ports.enrolmentPort };
  const authority = await fetchAuthority(address);
  const client = await enrol({ home, address, authority, user: hub.user, password: hub.password });
  await client.connect();
  await client.createRoom(hub.room);
  await client.close();
}

/** Makes the room, with all users of the world as members. */
export async function createCrowd(folder: string, worldFile: string, world: World): Promise<Crowd> {
  const [home, path] = [join(folder, 'home'), join(folder, 'chat.db')];
  const first = await openSqliteStore(path);
  await addUsers(first, world);
  const prekeys = await putPrekeys(first, world);
  await first.close();
  const { port, enrolmentPort, stop } = await startOn(worldFile, path);
  const ports = { port, enrolmentPort };
  await createRoom(home, ports);
  await stop();

  const [profile] = await listProfiles(home);
  if (profile === undefined) throw new Error('The hub has no profile.');
  const { rooms } = await inspectProfile(profile, hub.password);
  const [stored] = Object.values(rooms);
  if (stored === undefined) throw new Error('The hub has not stored the room.');
  const store = await openSqliteStore(path);
  const signer = await signerOfProfile(profile, hub.password);
  const room = FilledRoom.continued({ store, world, state: stored.state, owner: { user: hub.user, signer } });
  room.join(range(0, world.users.length));
  await room.filled();
  await store.close();
  // The members have none of the keys that the hub has.
  return { ports, home, store: path, state: { ...room.state, secrets: {}, drafts: [] }, prekeys };
}
