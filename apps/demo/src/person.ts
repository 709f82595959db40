/** One of the two people: a client, and what they saw on their screen. */
import type { ChatClient } from '@chat/client';
import { type Endpoint, enrol, fetchAuthority, inspectProfile, listProfiles } from '@chat/client/node';

const password = 'only for this demonstration';

export interface Person {
  readonly client: ChatClient;
  readonly seen: readonly string[];
  /** Resolves when this line was seen. */
  sees(line: string): Promise<void>;
  /** The secrets of all rooms, in base64url: only this person's own files have them. */
  secrets(): Promise<readonly string[]>;
}

export async function enterChat(home: string, address: Endpoint, user: string): Promise<Person> {
  const authority = await fetchAuthority(address);
  const client = await enrol({ home, address, authority, user, password });
  const seen: string[] = [];
  const waiting = new Set<() => void>();

  client.subscribe((event) => {
    if (event.kind !== 'room') return;
    const { event: what } = event;
    if (what.kind === 'message') seen.push(`${what.user}: ${what.text}`);
    else if (what.kind === 'joined' || what.kind === 'left') seen.push(`* ${what.user} ${what.kind}`);
    else if (what.kind === 'epoch' && what.key !== 'none') seen.push(`* new key, number ${what.number}`);
    for (const check of waiting) check();
  });
  await client.connect();

  return {
    client,
    seen,
    sees: (line) =>
      new Promise((resolve) => {
        const check = () => {
          if (!seen.includes(line)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    secrets: async () => {
      const profile = (await listProfiles(home)).find((summary) => summary.user === user);
      if (profile === undefined) throw new Error(`${user} has no profile`);
      const { rooms } = await inspectProfile(profile, password);
      return Object.values(rooms).flatMap(({ state }) => Object.values(state.secrets));
    },
  };
}
