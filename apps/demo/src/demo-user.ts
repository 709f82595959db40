/** One of the two users: a client, and the lines that it shows. */
import type { ChatClient } from '@chat/client';
import { type Endpoint, enrol, fetchAuthority, inspectProfile, listProfiles } from '@chat/client/node';
import type { UserName } from '@chat/protocol';

const password = 'only for this demonstration';

/** A user of the demonstration. */
export interface DemoUser {
  readonly client: ChatClient;
  readonly seen: readonly string[];
  /** Resolves when the user has seen a line. */
  sees(line: string): Promise<void>;
  /** Returns the keys of all rooms in base64url, from the user's own files. */
  roomKeys(): Promise<readonly string[]>;
}

/** Enrols a user at a server and connects. */
export async function enrolAndConnect(home: string, address: Endpoint, user: UserName): Promise<DemoUser> {
  const authority = await fetchAuthority(address);
  const client = await enrol({ home, address, authority, user, password });
  const seen: string[] = [];
  const checks = new Set<() => void>();

  client.subscribe((event) => {
    if (event.kind !== 'room') return;
    const { event: roomEvent } = event;
    if (roomEvent.kind === 'message') seen.push(`${roomEvent.user}: ${roomEvent.text}`);
    else if (roomEvent.kind === 'joined' || roomEvent.kind === 'left') {
      seen.push(`* ${roomEvent.user} ${roomEvent.kind}`);
    } else if (roomEvent.kind === 'epoch' && roomEvent.key !== 'none') {
      seen.push(`* new key, number ${roomEvent.number}`);
    }
    for (const check of checks) check();
  });
  await client.connect();

  return {
    client,
    seen,
    sees: (line) =>
      new Promise((resolve) => {
        const check = () => {
          if (!seen.includes(line)) return;
          checks.delete(check);
          resolve();
        };
        checks.add(check);
        check();
      }),
    roomKeys: async () => {
      const profile = (await listProfiles(home)).find((summary) => summary.user === user);
      if (profile === undefined) throw new Error(`${user} has no profile`);
      const { rooms } = await inspectProfile(profile, password);
      return Object.values(rooms).flatMap(({ state }) => Object.values(state.secrets));
    },
  };
}
