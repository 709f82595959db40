/** What ten well-behaved clients notice while one attack after the other runs, and how much memory the server takes. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ChatClient } from '@chat/client';
import { enrol, fetchAuthority } from '@chat/client/node';
import {
  createCA,
  createCertRequest,
  createKeyPair,
  issueCertificate,
  privateKeyToPem,
  readCertificate,
} from '@chat/mini-ca';
import { toBase64url } from '@chat/protocol';
import { importPlainPrivateKey } from '@chat/signatures';
import { temporaryFolder } from '@chat/testkit';
import { attacks, type Target } from './attacks.ts';

const [clientCount, pauseMs] = [10, 200];
const mebibyte = 1024 * 1024;

/** Resolves with the answer of a child to a message. */
async function ask(child: ChildProcess, message: unknown): Promise<unknown> {
  child.send(message as object);
  const [answer] = await once(child, 'message');
  return answer;
}

const script = (name: string, execArgv: readonly string[] = []): ChildProcess =>
  fork(join(import.meta.dirname, name), [], { execArgv: [...process.execArgv, ...execArgv] });

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/** Lets each client send a message again and again for a time. Returns the sorted milliseconds to each acknowledgement. */
async function measure(clients: readonly ChatClient[], durationMs: number): Promise<number[]> {
  const end = performance.now() + durationMs;
  const times: number[] = [];
  const speak = async (client: ChatClient): Promise<void> => {
    while (performance.now() < end) {
      const start = performance.now();
      // A message that cannot be sent counts with the time that it has waited.
      await client.send('lobby', 'hello').catch(() => undefined);
      times.push(performance.now() - start);
      await pause(pauseMs);
    }
  };
  await Promise.all(clients.map(speak));
  return times.sort((a, b) => a - b);
}

/** Runs the attacks, `CHAT_BENCH_SECONDS` (default 60) each, and prints a table. */
export async function benchAbuse(): Promise<void> {
  const durationMs = 1_000 * Number(process.env['CHAT_BENCH_SECONDS'] ?? 60);
  await using folder = temporaryFolder();
  const ca = createCA();
  const identityKey = privateKeyToPem(createKeyPair('ec', 'P-384').privateKey);
  const identity = importPlainPrivateKey(identityKey);
  const keys = createKeyPair('ec', 'P-256');
  const user = 'mallory';
  const certificate = issueCertificate({
    request: createCertRequest(keys, {}),
    ca,
    profile: 'client',
    names: { commonName: user, uri: [`urn:chat:user:${user}`, `urn:chat:identity:${identity.fingerprint}`] },
    lifetimeMs: 24 * 60 * 60_000,
    now: new Date(),
  });
  const server = script('server.ts', ['--expose-gc']);
  const { serial } = readCertificate(certificate);
  const attacker = { user, fingerprint: identity.fingerprint, identity: toBase64url(identity.publicKey), serial };
  const authorityKey = privateKeyToPem(ca.privateKey);
  const start = {
    certificate: ca.certificate,
    privateKey: authorityKey,
    store: join(folder.path, 'chat.db'),
    attacker,
  };
  const ports = (await ask(server, start)) as Target['ports'];
  const address = { host: '127.0.0.1', port: ports.enrolment };
  const authority = await fetchAuthority(address);
  const target: Target = {
    ports,
    ca: ca.certificate,
    caFingerprint: authority.fingerprint,
    user,
    certificate,
    tlsKey: privateKeyToPem(keys.privateKey),
    identityKey,
  };
  const clients: ChatClient[] = [];
  for (let index = 0; index < clientCount; index += 1) {
    const own = { home: join(folder.path, `home-${index}`), user: `user-${index}`, password: 'a password' };
    const client = await enrol({ ...own, address, authority });
    await client.connect();
    await (index === 0 ? client.createRoom('lobby') : client.joinRoom('lobby'));
    clients.push(client);
  }
  const memory = async (what: 'look' | 'collect'): Promise<{ readonly rss: number; readonly used: number }> => {
    const { rss, heapUsed, external } = (await ask(server, what)) as NodeJS.MemoryUsage;
    return { rss: rss / mebibyte, used: (heapUsed + external) / mebibyte };
  };
  console.log(
    '| attack | p50 ms | p99 ms | messages | RSS MiB, largest | RSS MiB, after | in use MiB, after |\n| --- | --: | --: | --: | --: | --: | --: |',
  );
  for (const name of ['none', ...attacks.keys()]) {
    const attack = name === 'none' ? null : script('attacker.ts');
    attack?.send({ name, target });
    let largest = 0;
    const watch = setInterval(() => void memory('look').then(({ rss }) => (largest = Math.max(largest, rss))), 500);
    const times = await measure(clients, durationMs);
    clearInterval(watch);
    attack?.kill();
    await pause(5_000);
    const after = await memory('collect');
    const row = [quantile(times, 0.5), quantile(times, 0.99), times.length, largest, after.rss, after.used].map(
      (value) => value.toFixed(0),
    );
    console.log(`| ${name} | ${row.join(' | ')} |`);
  }
  await Promise.all(clients.map((client) => client.close()));
  server.kill();
}
