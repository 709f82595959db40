/** A room of alice and bob, and a store that a backup replaces while the server restarts. */
import { entryDomain, type SignedEntry } from '@chat/protocol';
import { createMemoryStore, MemoryDisk } from '../../src/contract/index.ts';
import { message, newCid } from './entries.ts';
import type { TestClient } from './test-client.ts';
import { type Member, room, type TestServer, type TestServerOptions, testServer } from './test-server.ts';
import { viewAt } from './views.ts';

/** An entry with its time, as it is given back. */
export interface Given {
  readonly at: number;
  readonly entry: SignedEntry;
}

export class RestoredRoom implements AsyncDisposable {
  readonly disk: MemoryDisk;
  at: TestServer;
  readonly alice: Member;
  readonly bob: Member;
  readonly id: string;

  private constructor(at: TestServer, disk: MemoryDisk, [alice, bob]: readonly [Member, Member], id: string) {
    this.disk = disk;
    this.at = at;
    this.alice = alice;
    this.bob = bob;
    this.id = id;
  }

  /** Creates the room. Its log is a create, a join, and epoch 1. */
  static async start(): Promise<RestoredRoom> {
    const disk = new MemoryDisk();
    const at = await serverOn(disk);
    const members = [await at.member('alice'), await at.member('bob')] as const;
    const { id } = await room('den', members);
    return new RestoredRoom(at, disk, members, id);
  }

  /** Returns a message of a member who has read the log up to `seq`. */
  signedMessage({ who }: Member, seq: number, token = 'dG9rZW4', epoch = 1): SignedEntry {
    const entry = message(who, this.id, epoch, token, viewAt(this.id, seq));
    return { ...entry, signature: who.signer.sign(entryDomain('message', this.id), entry.payload) };
  }

  append({ client }: Member, entry: SignedEntry) {
    return client.request('append', { room: this.id, cid: newCid(), entry });
  }

  /** Cuts the log in the store off after a position, as an older backup does. */
  forget(after: number, states: MemoryDisk['rooms']): void {
    const { disk, id } = this;
    const state = states.get(id);
    if (state === undefined) disk.rooms.delete(id);
    else disk.rooms.set(id, state);
    disk.logs.set(id, (disk.logs.get(id) ?? []).slice(0, after));
    disk.logHashes.set(id, (disk.logHashes.get(id) ?? []).slice(0, after));
  }

  async entriesOf(client: TestClient, head: number): Promise<Given[]> {
    await client.request('subscribe', { room: this.id, after: 0 });
    await client.until(() => client.positions(this.id).length >= head);
    const entries = client.all('entry').map(({ at, entry }) => ({ at, entry }));
    await client.request('unsubscribe', { room: this.id });
    return entries;
  }

  give(
    { client }: Member,
    after: { seq: number; hash: string },
    entries: readonly Given[],
    done = true,
  ): Promise<{ head: number; hash: string }> {
    return client.request('restore-entries', { room: this.id, after, entries: [...entries], done });
  }

  /** Restarts the server; `whileDown` changes the store. */
  async restart(whileDown: () => void = () => {}, options: TestServerOptions = {}): Promise<void> {
    await this.at[Symbol.asyncDispose]();
    whileDown();
    this.at = await serverOn(this.disk, options);
    for (const member of [this.alice, this.bob]) {
      Object.assign(member, { client: await this.at.login(member.who) });
    }
  }

  /** Appends two messages, then cuts them off. Returns all five entries. The server's log ends at 3 then. */
  async loseTwo(options: TestServerOptions = {}): Promise<readonly [Given, Given, Given, Given, Given]> {
    const backup = new Map(this.disk.rooms);
    await this.append(this.bob, this.signedMessage(this.bob, 3));
    await this.append(this.alice, this.signedMessage(this.alice, 4));
    const read = await this.entriesOf(this.alice.client, 5);
    await this.restart(() => this.forget(3, backup), options);
    const [first, second, third, fourth, fifth] = read;
    if (first && second && third && fourth && fifth) return [first, second, third, fourth, fifth];
    throw new Error('five entries were read');
  }

  /** The log as the store has it. */
  get log() {
    return this.disk.logs.get(this.id) ?? [];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.at[Symbol.asyncDispose]();
  }
}

const serverOn = (disk: MemoryDisk, { limits, ...options }: TestServerOptions = {}): Promise<TestServer> =>
  testServer({ store: createMemoryStore(disk), limits: { requestBurst: 10_000, ...limits }, ...options });
