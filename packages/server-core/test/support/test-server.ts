/** A server on the loopback interface with a store in memory, and its registered users. */
import { type KeyObject, X509Certificate } from 'node:crypto';
import {
  certificateFingerprint,
  createCA,
  createCertRequest,
  createKeyPair,
  issueCertificate,
  type KeyPair,
  privateKeyToPem,
  readCertificate,
} from '@chat/mini-ca';
import { loginStatement, protocolVersion, toBase64url } from '@chat/protocol';
import { generateSigner } from '@chat/signatures';
import { createMemoryStore, MemoryDisk } from '../../src/contract/index.ts';
import { type ChatServer, type Log, type ServerOptions, type Store, startServer } from '../../src/index.ts';
import { type Author, create, epoch, join, newCid } from './entries.ts';
import { connectClient, type TestClient } from './test-client.ts';
import { watched } from './views.ts';
import { putWraps, wrapsFor } from './wraps.ts';

export const authority = createCA();

export interface Citizen extends Author {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateOptions {
  readonly user: string;
  readonly fingerprint: string;
  readonly now?: Date;
  readonly lifetimeMs?: number;
  readonly ca?: { certificate: string; privateKey: KeyObject };
}

/** Issues a client certificate as the server does. */
export function certificateFor({ user, fingerprint, ca = authority, ...dates }: CertificateOptions) {
  const keys: KeyPair = createKeyPair('ec', 'P-256');
  const certificate = issueCertificate({
    request: createCertRequest(keys, {}),
    ca,
    profile: 'client',
    names: { commonName: user, uri: [`urn:chat:user:${user}`, `urn:chat:identity:${fingerprint}`] },
    lifetimeMs: dates.lifetimeMs ?? 60 * 60_000,
    now: dates.now ?? new Date(),
  });
  return { certificate, key: privateKeyToPem(keys.privateKey) };
}

/** Collects log lines. */
export class TestLog implements Log {
  readonly lines: { level: string; fields: object; message: string }[] = [];
  readonly debug = (fields: object, message: string) => void this.lines.push({ level: 'debug', fields, message });
  readonly info = (fields: object, message: string) => void this.lines.push({ level: 'info', fields, message });
  readonly warn = (fields: object, message: string) => void this.lines.push({ level: 'warn', fields, message });
  readonly error = (fields: object, message: string) => void this.lines.push({ level: 'error', fields, message });
}

export class TestServer implements AsyncDisposable {
  readonly server: ChatServer;
  readonly store: Store;
  readonly log: TestLog;
  readonly #ca: string;
  readonly #clients: TestClient[] = [];

  constructor(server: ChatServer, ca: string, store: Store, log: TestLog) {
    this.server = server;
    this.#ca = ca;
    this.store = store;
    this.log = log;
  }

  /** Registers a user with an identity key, a new one by default, and issues a certificate. */
  async citizen(user: string, signer: Author['signer'] = generateSigner()): Promise<Citizen> {
    const { fingerprint, publicKey: identity } = signer;
    await this.store.register({ user, fingerprint, identity, enrolledAt: 1 }, null);
    const issued = certificateFor({ user, fingerprint });
    const { serial, notBefore, notAfter } = readCertificate(issued.certificate);
    const [from, to] = [notBefore.getTime(), notAfter.getTime()];
    await this.store.ledger.append({
      type: 'issued',
      ...{ serial, at: from, profile: 'client', lifetimeMs: to - from, notBefore: from, notAfter: to },
      fingerprint: certificateFingerprint(issued.certificate),
      certificate: Buffer.from(new X509Certificate(issued.certificate).raw).toString('base64'),
    });
    await this.store.assignCertificate({ serial, user, notAfter: notAfter.getTime() }, 2);
    return { user, signer, ...issued };
  }

  /** Connects to the chat port, without a login. */
  async connect({ certificate, key }: Pick<Citizen, 'certificate' | 'key'>): Promise<TestClient> {
    const { port } = this.server.chatAddress;
    const client = await connectClient({ port, ca: this.#ca, cert: certificate, key });
    client.store = this.store;
    this.#clients.push(client);
    return client;
  }

  /** Connects to the enrolment port; with a certificate, as for a renewal. */
  async connectToEnrol(shown?: Pick<Citizen, 'certificate' | 'key'>): Promise<TestClient> {
    const own = shown === undefined ? {} : { cert: shown.certificate, key: shown.key };
    const client = await connectClient({ port: this.server.enrolmentAddress.port, ca: this.#ca, ...own });
    this.#clients.push(client);
    return client;
  }

  /** Connects to the chat port and logs in. */
  async login(citizen: Citizen): Promise<TestClient> {
    const client = await this.connect(citizen);
    await client.request('login', await this.loginRequest(client, citizen));
    return client;
  }

  /** Registers a user and logs in. */
  async member(user: string): Promise<Member> {
    const who = await this.citizen(user);
    return { who, client: await this.login(who) };
  }

  async loginRequest(client: TestClient, { user, signer }: Author, channel = client.channel) {
    const { nonce } = await client.first('hello');
    const statement = loginStatement({ serverId: this.server.serverId, nonce, channel }, user);
    const signature = toBase64url(signer.sign(statement.domain, statement.data));
    return { version: protocolVersion, user, signature };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.server.close();
  }
}

const hour = 60 * 60_000;
/** For a machine that is busy with other work. A test of one of these limits sets its own. */
const patientLimits = {
  firstByteTimeoutMs: hour,
  handshakeTimeoutMs: hour,
  firstFrameTimeoutMs: hour,
  loginTimeoutMs: hour,
  enrolmentTimeoutMs: hour,
  idleTimeoutMs: hour,
};

export interface TestServerOptions extends Partial<Omit<ServerOptions, 'enrolment' | 'chat' | 'log'>> {
  readonly policy?: ServerOptions['enrolment']['policy'];
}

export async function testServer({
  policy = 'open',
  ca = authority,
  limits = {},
  ...options
}: TestServerOptions = {}): Promise<TestServer> {
  const log = new TestLog();
  const store = watched(options.store ?? createMemoryStore(new MemoryDisk()));
  const server = await startServer({
    ca,
    enrolment: { host: '127.0.0.1', port: 0, policy },
    chat: { host: '127.0.0.1', port: 0 },
    log,
    limits: { ...patientLimits, ...limits },
    ...options,
    store,
  });
  return new TestServer(server, ca.certificate, store, log);
}

export interface Member {
  readonly who: Citizen;
  readonly client: TestClient;
}

/** Creates a room of these members with a key. The first member is its owner. The log is create, joins, epoch 1. */
export async function room(name: string, [first, ...others]: readonly [Member, ...Member[]]) {
  const { entry, room: id } = create(first.who, name);
  await first.client.request('create-room', { cid: newCid(), entry });
  for (const { who, client } of others) {
    await client.request('append', { room: id, cid: newCid(), entry: join(who, id) });
  }
  const answers = others.length + 1;
  const wraps = wrapsFor(first.who, ...others.map(({ who }) => who));
  const key = epoch(first.who, id, { number: 1, answers, wraps });
  await putWraps(first, { room: id, number: 1, wraps });
  const { seq: head } = await first.client.request('append', { room: id, cid: newCid(), entry: key });
  return { id, head, key, wraps };
}
