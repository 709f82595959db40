/** Fakes of the clock, the console and the profiles of a machine. */
import { ClientError, type Scheduler, type Stored } from '@chat/client';
import type { Client, Profile, Profiles } from '../../src/client-surface.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { type CommonOptions, type Settings, settingsFrom } from '../../src/config/settings.ts';
import type { Console, ReadOptions } from '../../src/terminal/console.ts';
import { FakeClient } from './fake-client.ts';
import { fingerprint } from './samples.ts';

/** A clock that moves only when a test advances it. */
export class FakeClock implements Scheduler {
  #now = 0;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }
}

/** A console that answers from a list and records what is printed. */
export class ScriptedConsole implements Console {
  readonly canHide: boolean;
  readonly shown: string[] = [];
  readonly asked: ReadOptions[] = [];
  readonly #answers: (string | null)[];

  constructor(answers: readonly (string | null)[], canHide = true) {
    this.#answers = [...answers];
    this.canHide = canHide;
  }

  print(text: string): void {
    this.shown.push(text);
  }

  async read(options: ReadOptions): Promise<string | null> {
    this.asked.push(options);
    return this.#answers.shift() ?? null;
  }

  setPrompt(): void {}

  close(): void {}

  /** The number of answers that were not asked for. */
  get left(): number {
    return this.#answers.length;
  }
}

export const settings = (options: CommonOptions = {}, variables: NodeJS.ProcessEnv = {}): Settings =>
  settingsFrom(readEnvironment({ CHAT_HOME: '/home', ...variables }, '/'), options);

export const profile = (user: string, more: Partial<Profile> = {}): Profile => ({
  user,
  host: 'host',
  port: 9998,
  serverId: fingerprint,
  pinned: fingerprint,
  directory: `/home/${user}`,
  ...more,
});

export type Enrolment = Parameters<Profiles['enrol']>[0];

const words = Array.from({ length: 24 }, (_, index) => `word${index + 1}`);

/** Profiles with the password `password`, at a server that presents the authority `fingerprint`. */
export class FakeProfiles implements Profiles {
  readonly client = new FakeClient();
  readonly opened: string[] = [];
  readonly enrolled: Enrolment[] = [];
  readonly taken = new Set<string>();
  readonly revoked = new Set<string>();
  readonly all: Profile[];
  presented = fingerprint;

  constructor(...all: Profile[]) {
    this.all = all;
  }

  /** The fingerprint of the first authority; null: that of the presented one. */
  first: string | null = null;

  readonly fetchAuthority = async () => ({
    certificate: 'PEM',
    fingerprint: this.presented,
    serverId: this.first ?? this.presented,
    chain: {
      first: 'PEM',
      pinned: this.presented,
      successions: [],
      withdrawals: [],
      disputed: false,
      asked: null,
    },
  });
  readonly listProfiles = async () => this.all;

  readonly moved: Profile[] = [];

  readonly moveProfile: Profiles['moveProfile'] = async (moving, { host, port }, authority) => {
    const moved = { ...moving, host, port, pinned: authority?.fingerprint ?? moving.pinned };
    this.moved.push(moved);
    return moved;
  };

  readonly enrol = async (enrolment: Enrolment): Promise<Client> => {
    if (this.revoked.has(enrolment.user)) throw Object.assign(new Error('revoked'), { code: 'access-revoked' });
    if (this.taken.has(enrolment.user)) throw Object.assign(new Error('taken'), { code: 'user-name-taken' });
    this.enrolled.push(enrolment);
    return this.client;
  };

  /** The users whose identity key was renewed. */
  readonly renewed: string[] = [];

  /** The client with the new key. */
  readonly renewedClient = new FakeClient();
  /** The error with which the next renewal fails. */
  renewalFailure: Error | null = null;

  readonly renewIdentity = async ({ user }: Profile, password: string): Promise<Client> => {
    if (password !== 'password') throw new ClientError('wrong-password', 'no');
    if (this.renewalFailure !== null) throw this.renewalFailure;
    if (!this.client.closed) throw new ClientError('profile-in-use', 'no');
    this.renewed.push(user);
    return this.renewedClient;
  };

  /** The users whose password was changed, with the new one. */
  readonly rekeyed: string[] = [];

  readonly changeProfilePassword: Profiles['changeProfilePassword'] = async ({ user }, before, after) => {
    if (before !== 'password') throw new ClientError('wrong-password', 'no');
    this.rekeyed.push(`${user} ${await after()}`);
  };

  /** What was done to whole profiles. */
  readonly done: string[] = [];
  /** What a profile stores; null if its password is wrong. */
  content: Stored | null = null;
  /** Whether the system confirms the name of an export. */
  isSynced = true;
  /** Where links in profiles lead. */
  linked: readonly string[] = [];
  /** The error with which the next opening fails. */
  openFailure: Error | null = null;

  readonly exportProfile: Profiles['exportProfile'] = async ({ user }, password, file) => {
    if (password !== 'password') throw new ClientError('wrong-password', 'no');
    this.done.push(`export ${user} to ${file}`);
    return { file, isSynced: this.isSynced };
  };

  readonly importProfile: Profiles['importProfile'] = async (home, file, password) => {
    if (password !== 'password') throw new ClientError('wrong-password', 'no');
    this.done.push(`import ${file} into ${home}`);
    return profile('alice');
  };

  readonly newPhrase = () => words.join(' ');
  readonly checkPhrase = (phrase: string): void => {
    if (phrase.trim() !== this.newPhrase()) throw new ClientError('not-a-phrase', 'The words are no phrase.');
  };
  readonly startRecovery: Profiles['startRecovery'] = async ({ user }, password, phrase) => {
    if (password !== 'password') throw new ClientError('wrong-password', 'no');
    this.checkPhrase(await phrase());
    this.done.push(`start recovery of ${user}`);
  };
  readonly recoverProfile: Profiles['recoverProfile'] = async ({ user, password }) => {
    this.done.push(`recover ${user} with ${password}`);
    return { profile: profile(user), number: 3, at: 0, left: { files: 0, bytes: 0 } };
  };
  readonly takeBack: Profiles['takeBack'] = async ({ user }) => void this.done.push(`take back ${user}`);
  readonly eraseProfile: Profiles['eraseProfile'] = async ({ user }) => {
    this.done.push(`erase ${user}`);
    return this.linked;
  };

  readonly inspectProfile: Profiles['inspectProfile'] = async (_, password) => {
    if (this.content === null || password !== 'password') throw new ClientError('wrong-password', 'no');
    return this.content;
  };

  /** The invitation with which each profile was opened. */
  readonly shownInvitations: (string | undefined)[] = [];

  readonly openProfile = async (
    { user }: Profile,
    password: string,
    { invitation }: { readonly invitation?: string | undefined } = {},
  ): Promise<Client> => {
    if (password !== 'password') throw new ClientError('wrong-password', 'no');
    if (this.openFailure !== null) throw this.openFailure;
    this.opened.push(user);
    this.shownInvitations.push(invitation);
    return this.client;
  };
}
