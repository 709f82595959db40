/** Whether a server can do its work now, for `/readyz`. */
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@chat/protocol';
import type { ShownServer } from './state.ts';

/** What a server needs to be ready. */
export interface ReadinessParts {
  readonly server: Pick<ShownServer, 'listening' | 'certificateEndsAt'>;
  /** The data directory. */
  readonly path: string;
  /** Returns the end of the CA's certificate in milliseconds. */
  readonly authorityEndsAt: () => Promise<number>;
  /** Returns the free bytes of the disk, with those that the store uses again. Asks the store, so it answers only if that works. */
  readonly freeBytes: () => Promise<number>;
  /** Below it the server stores no messages. */
  readonly reserveBytes: number;
  /** Returns the milliseconds since the store last failed to append; infinity when it never did. */
  readonly sinceAppendFailure: () => number;
  readonly isStopping: () => boolean;
  /** Returns milliseconds since 1970. */
  readonly clock: () => number;
}

/** What is checked: `ok`, or what is wrong. */
export interface Readiness {
  readonly server: string;
  readonly listeners: string;
  readonly certificate: string;
  readonly store: string;
}

const checkTimeoutMs = 2_000;
/** After a failure the store counts as not writable for this time, because the next append may not come for long. */
const failureCountsMs = 60_000;
/** The file that is written and removed, to see that the disk takes one. */
const probeName = 'ready.probe';

/** Returns true when nothing is wrong. */
export const isReady = (readiness: Readiness): boolean => Object.values(readiness).every((each) => each === 'ok');

/** Returns what is checked while no server runs yet, or none any more. */
export const notServing = (why: string): Readiness => ({
  server: why,
  listeners: 'closed',
  certificate: 'unknown',
  store: 'unknown',
});

/** Checks that a disk may keep waiting. Each runs once at a time, so that they do not pile up while the disk answers none of them. */
export class SlowChecks {
  readonly #running = new Map<string, Promise<string>>();

  /** Starts a check, or waits for the one that runs under this name. Never rejects, and gives up after two seconds. */
  run(name: string, check: () => Promise<string>): Promise<string> {
    const running = this.#running.get(name) ?? check().catch(reasonOf);
    if (!this.#running.has(name)) {
      this.#running.set(name, running);
      void running.then(() => this.#running.delete(name));
    }
    return withinTime(running);
  }
}

/** Checks everything. Never rejects: what cannot be checked is not ok. */
export async function checkReadiness(parts: ReadinessParts, checks: SlowChecks = new SlowChecks()): Promise<Readiness> {
  const [certificate, store] = await Promise.all([
    checks.run('certificate', () => checkCertificate(parts)),
    checks.run('store', () => checkStore(parts)),
  ]);
  return {
    server: parts.isStopping() ? 'stopping' : 'ok',
    listeners: parts.server.listening ? 'ok' : 'closed',
    certificate,
    store,
  };
}

/** Names the system's code only: a message may contain a path. */
const reasonOf = (error: unknown): string => `failed (${codeOf(error) ?? 'no code'})`;

async function checkCertificate({ server, authorityEndsAt, clock }: ReadinessParts): Promise<string> {
  if (server.certificateEndsAt <= clock()) return 'the certificate of the server has expired';
  return (await authorityEndsAt()) <= clock() ? 'the CA has expired' : 'ok';
}

async function checkStore(parts: ReadinessParts): Promise<string> {
  if ((await parts.freeBytes()) < parts.reserveBytes) return 'the disk is full up to the reserve';
  const probe = join(parts.path, probeName);
  const file = await open(probe, 'w', 0o600);
  try {
    await file.write('ready\n');
    await file.sync();
  } finally {
    await file.close();
    await rm(probe, { force: true });
  }
  return parts.sinceAppendFailure() < failureCountsMs ? 'an append failed within the last minute' : 'ok';
}

/** Gives a check up that does not end. */
function withinTime(work: Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, checkTimeoutMs, `no answer within ${checkTimeoutMs} ms`);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
