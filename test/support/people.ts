/** Users of a server in this process, with the real client: real profiles and TLS. */
import { join } from 'node:path';
import type { ChatClient, ClientEvent, Stored } from '@chat/client';
import { type Endpoint, enrol, fetchAuthority, inspectProfile, listProfiles } from '@chat/client/node';
import { fromBase64url, type InvitationLine } from '@chat/protocol';

const password = 'long enough to be one';

export class User implements AsyncDisposable {
  /** The password of every profile. */
  static readonly password = password;
  readonly client: ChatClient;
  readonly name: string;
  readonly #home: string;
  readonly events: ClientEvent[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor(client: ChatClient, home: string) {
    this.client = client;
    this.name = client.user;
    this.#home = home;
    client.subscribe((event) => {
      this.events.push(event);
      for (const check of this.#waiting) check();
    });
  }

  static async enrol(folder: string, line: Endpoint & Pick<InvitationLine, 'invitation'>, user: string): Promise<User> {
    const home = join(folder, 'clients');
    const { invitation, ...address } = line;
    const authority = await fetchAuthority(address);
    const invited = invitation === undefined ? {} : { invitation };
    const client = await enrol({ home, address, authority, user, password, ...invited });
    const person = new User(client, home);
    await client.connect();
    return person;
  }

  /** Returns the texts that were read in a room, in order. */
  texts(room: string): string[] {
    return this.events.flatMap((event) =>
      event.kind === 'room' && event.roomName === room && event.event.kind === 'message' ? [event.event.text] : [],
    );
  }

  get violations(): string[] {
    return this.events.flatMap((event) =>
      event.kind === 'room' && event.event.kind === 'violation' ? [event.event.code] : [],
    );
  }

  /** Resolves once `condition` holds. It is checked after each event. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  async join(room: string): Promise<void> {
    await this.client.joinRoom(room);
    await this.until(() => this.client.room(room)?.hasKey === true);
  }

  /** Returns the stored state of this user's profile. */
  async stored(): Promise<Stored> {
    const profile = (await listProfiles(this.#home)).find(({ user }) => user === this.name);
    if (profile === undefined) throw new Error(`${this.name} has no profile`);
    return inspectProfile(profile, password);
  }

  /** Returns the secrets of this user's rooms, as the profile stores them. */
  async secrets(): Promise<readonly Uint8Array[]> {
    return secretsIn(await this.stored());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.client.close();
  }
}

/** Returns the secrets of all rooms in a stored state. */
export function secretsIn({ rooms }: Stored): Uint8Array[] {
  return Object.values(rooms).flatMap(({ state }) => Object.values(state.secrets).map(fromBase64url));
}
