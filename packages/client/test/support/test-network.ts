/** A real server and real clients in this process: TLS on loopback, profiles in a temporary folder. */
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCA } from '@chat/mini-ca';
import { type ChatServer, type EnrolmentPolicy, type Log, type Store, startServer } from '@chat/server-core';
import { createMemoryStore, MemoryDisk } from '@chat/server-core/contract';
import { generateSigner, importPlainPrivateKey, type Signer, unlockKeyFile } from '@chat/signatures';
import { temporaryFolder } from '@chat/testkit';
import type { ChatClient, ClientEvent } from '../../src/index.ts';
import { enrol, fetchAuthority, listProfiles, openProfile, type ProfileSummary } from '../../src/node/index.ts';
import { openSealedFile } from '../../src/node/sealed-file.ts';
import { copyOf, roomsOf, withCertificatesOf, withRoomsOf } from './server-backup.ts';

const hour = 60 * 60_000;
/** So long that no limit is reached on a machine that is busy with other work. */
const limits = {
  firstByteTimeoutMs: hour,
  firstFrameTimeoutMs: hour,
  handshakeTimeoutMs: hour,
  loginTimeoutMs: hour,
  enrolmentTimeoutMs: hour,
  idleTimeoutMs: hour,
  renewalsPerHour: 1_000,
};

export const password = 'correct horse battery';

/** A client with all events that it has emitted. */
export interface WatchedClient<C = ChatClient> {
  readonly client: C;
  readonly events: ClientEvent[];
  /** Resolves with the first event, past or future, for which `wanted` is true. */
  event(wanted: (event: ClientEvent) => boolean): Promise<ClientEvent>;
  /** Returns the texts that the client has read in a room, in order. */
  texts(room: string): string[];
  /** Resolves when the client has read this text. */
  read(text: string): Promise<ClientEvent>;
}

export function watch<C extends Pick<ChatClient, 'subscribe'>>(client: C): WatchedClient<C> {
  const events: ClientEvent[] = [];
  const waiting = new Set<(event: ClientEvent) => void>();
  client.subscribe((event) => {
    events.push(event);
    for (const check of waiting) check(event);
  });
  const event = (wanted: (event: ClientEvent) => boolean) =>
    new Promise<ClientEvent>((resolve) => {
      const past = events.find(wanted);
      if (past !== undefined) return resolve(past);
      const check = (coming: ClientEvent) => {
        if (!wanted(coming)) return;
        waiting.delete(check);
        resolve(coming);
      };
      waiting.add(check);
    });
  return {
    client,
    events,
    event,
    texts: (room) =>
      events.flatMap((e) =>
        e.kind === 'room' && e.roomName === room && e.event.kind === 'message' ? [e.event.text] : [],
      ),
    read: (text) => event((e) => e.kind === 'room' && e.event.kind === 'message' && e.event.text === text),
  };
}

export class TestNetwork {
  readonly home: string;
  /** The messages of the server's log from level info on. */
  readonly logged: string[] = [];
  readonly #ca = createCA();
  readonly #clients: ChatClient[] = [];
  #policy: EnrolmentPolicy;
  #disk = new MemoryDisk();
  #failing = false;
  #server: ChatServer | undefined;

  private constructor(home: string, policy: EnrolmentPolicy) {
    this.home = home;
    this.#policy = policy;
  }

  static async start(policy: EnrolmentPolicy = 'open'): Promise<TestNetwork> {
    const network = new TestNetwork(temporaryFolder().path, policy);
    await network.#listen(0, 0);
    return network;
  }

  #log(): Log {
    const keep = (_: object, message: string) => void this.logged.push(message);
    return { debug: () => {}, info: keep, warn: keep, error: keep };
  }

  async #listen(enrolmentPort: number, chatPort: number): Promise<void> {
    this.#server = await startServer({
      ca: this.#ca,
      store: this.#store(),
      enrolment: { host: '127.0.0.1', port: enrolmentPort, policy: this.#policy },
      chat: { host: '127.0.0.1', port: chatPort },
      log: this.#log(),
      limits,
    });
  }

  get server(): ChatServer {
    if (this.#server === undefined) throw new Error('the server was not started');
    return this.#server;
  }

  /** The key of the server's certificate authority. */
  get authority(): Signer {
    return importPlainPrivateKey(this.#ca.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  }

  get address() {
    return { host: '127.0.0.1', port: this.server.enrolmentAddress.port };
  }

  /** Stops the server, and starts it again on the same ports with the same data. */
  async restart(whileDown: () => Promise<void> = async () => {}, policy?: EnrolmentPolicy): Promise<void> {
    this.#policy = policy ?? this.#policy;
    const { enrolmentAddress, chatAddress } = this.server;
    await this.server.close();
    await whileDown();
    await this.#listen(enrolmentAddress.port, chatAddress.port);
  }

  /** Returns a copy of the rooms and logs as the server has them now. */
  backup(): MemoryDisk {
    return withRoomsOf(structuredClone(roomsOf(this.#disk)), this.#disk);
  }

  /** Sets the rooms and logs back to a copy. The server MUST be down. */
  restore(backup: MemoryDisk): void {
    this.#disk = withRoomsOf(structuredClone(roomsOf(backup)), this.#disk);
  }

  /** Returns a copy of everything that the server has stored now, accounts and renewals too. */
  backupOfAll(): MemoryDisk {
    return copyOf(this.#disk);
  }

  /** Sets everything back to a copy, except the certificates. The server MUST be down. */
  restoreAll(backup: MemoryDisk): void {
    this.#disk = withCertificatesOf(this.#disk, backup);
  }

  /** Changes a byte of the latest entry of this type in a room. The server MUST be down. */
  damage(roomName: string, type: string): void {
    const row = this.#disk.logs.get(this.#disk.names.get(roomName) ?? '')?.findLast(({ entry }) => entry.type === type);
    if (row === undefined) throw new Error(`no ${type} in ${roomName}`);
    Object.assign(row.entry, { payload: row.entry.payload.map((byte, at) => (at === 20 ? byte ^ 1 : byte)) });
  }

  /** Lets the server's invitations be older. */
  ageInvitations(ms: number): void {
    for (const [roomId, room] of this.#disk.rooms) {
      this.#disk.rooms.set(roomId, { ...room, invited: room.invited.map((each) => ({ ...each, at: each.at - ms })) });
    }
  }

  /** Stops the server, and starts it again on other ports with the same data. */
  async moveToOtherPorts(): Promise<void> {
    const before = this.server;
    await this.#listen(0, 0);
    await before.close();
  }

  /** Returns what the server keeps of the user's latest run. */
  latestRun(user: string) {
    return this.#disk.runs.get(user);
  }

  /** Lets the server know no run of this user. */
  forgetRun(user: string): void {
    this.#disk.runs.delete(user);
  }

  /** Sets what the server keeps of the user's latest run back to an earlier value. */
  restoreRun(user: string, run: ReturnType<TestNetwork['latestRun']>): void {
    if (run !== undefined) this.#disk.runs.set(user, run);
  }

  /** Lets the store fail once when it records a certificate. The user name is bound by then. */
  failNextCertificate(): void {
    this.#failing = true;
  }

  #store(): Store {
    const store = createMemoryStore(this.#disk);
    const assignCertificate: Store['assignCertificate'] = async (certificate, maxKept) => {
      if (this.#failing) {
        this.#failing = false;
        throw new Error('the disk is full');
      }
      return store.assignCertificate(certificate, maxKept);
    };
    return { ...store, assignCertificate };
  }

  /** Deletes the account of a user at the server. */
  forget(user: string): void {
    this.#disk.accounts.delete(user);
    this.forgetRun(user);
  }

  /** The backups that the server has, by user. */
  get recoveries() {
    return this.#disk.recoveries;
  }

  /** Returns the account of a user. */
  account(user: string) {
    return this.#disk.accounts.get(user);
  }

  /** Binds a user name to another key, as if another user had enrolled. */
  rebind(user: string): void {
    const { fingerprint, publicKey: identity } = generateSigner();
    this.#disk.accounts.set(user, { user, fingerprint, identity, enrolledAt: 1, revoked: null });
  }

  /** Returns the token of a new enrolment invitation. */
  async invite(): Promise<string> {
    const token = randomBytes(16).toString('base64url');
    const tokenHash = createHash('sha256').update(token).digest('hex');
    this.#disk.invitations.set(tokenHash, { tokenHash, expiresAt: Date.now() + hour, user: null, uses: 1 });
    return token;
  }

  /** Opens a profile without a connection. */
  async opened(user: string): Promise<WatchedClient> {
    const client = await openProfile(await this.#profile(user), password);
    this.closeLater(client);
    return watch(client);
  }

  async enrol(user: string, invitation?: string): Promise<WatchedClient> {
    const authority = await fetchAuthority(this.address);
    const client = await enrol({
      home: this.home,
      address: this.address,
      authority,
      user,
      password,
      ...(invitation === undefined ? {} : { invitation }),
    });
    return this.#connect(client);
  }

  async open(user: string): Promise<WatchedClient> {
    return this.#connect(await openProfile(await this.#profile(user), password));
  }

  /** Deletes the rooms from the profile of a user. */
  async eraseRooms(user: string): Promise<void> {
    const { directory } = await this.#profile(user);
    const secret = await this.secretOf(user);
    const { vault, stored } = await openSealedFile(join(directory, 'state.sealed'), { secret, password });
    await vault.save({ ...stored, rooms: {} });
    await vault.close();
  }

  /** Returns the secret that opens the state of a user. */
  async secretOf(user: string): Promise<Uint8Array> {
    const { directory } = await this.#profile(user);
    return (await unlockKeyFile(await readFile(join(directory, 'identity.pem'), 'utf8'), password)).secret;
  }

  async #profile(user: string): Promise<ProfileSummary> {
    const profile = (await listProfiles(this.home)).find((summary) => summary.user === user);
    if (profile === undefined) throw new Error(`no profile of ${user}`);
    return profile;
  }

  /** Closes this client together with the network. */
  closeLater(client: ChatClient): void {
    this.#clients.push(client);
  }

  async #connect(client: ChatClient): Promise<WatchedClient> {
    this.closeLater(client);
    const watched = watch(client);
    await client.connect();
    return watched;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.server.close();
  }
}
