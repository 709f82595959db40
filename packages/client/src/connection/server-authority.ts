/** The authorities of the client's server: which one connections are verified against, and which keys sign `revoke` entries. */
import type { ResultOf } from '@chat/protocol';
import type { KnownAuthorities } from '../context.ts';
import type { AuthorityNews } from '../events.ts';
import { type AuthorityChain, type AuthorityTools, follow, learn, type Root, rootsOf } from './authority-chain.ts';

/** The parts of a `ServerAuthority`. */
export interface ServerAuthorityOptions {
  readonly chain: AuthorityChain;
  readonly tools: AuthorityTools;
  /** Returns ms since 1970. */
  readonly now: () => number;
  /** Resolves when the chain would survive a crash. */
  readonly save: (chain: AuthorityChain) => Promise<void>;
}

/** The authorities of a server over all connections of a client. */
export class ServerAuthority implements KnownAuthorities {
  readonly #options: ServerAuthorityOptions;
  #chain: AuthorityChain;
  #roots: readonly Root[];

  constructor(options: ServerAuthorityOptions) {
    this.#options = options;
    this.#chain = options.chain;
    this.#roots = rootsOf(options.chain, options.tools);
  }

  get serverId(): string {
    return this.#root(0).fingerprint;
  }

  get keys(): readonly string[] {
    return this.#roots.map(({ key }) => key);
  }

  /** The certificate of the authority against which connections are verified, PEM. */
  get certificate(): string {
    return this.#root(this.#roots.findIndex(({ fingerprint }) => fingerprint === this.#chain.pinned)).certificate;
  }

  /**
   * Learns what is new on a verified connection, and pins the next authority when it is due.
   *
   * @param digest names what the server shows of its authorities; null if it has announced none besides its first
   * @param ask asks the server for them
   * @returns the news for the user. Nothing of it counts unless it is stored: the next connection repeats it then
   */
  async greeted(
    digest: string | null,
    ask: () => Promise<ResultOf<'get-authority'>>,
  ): Promise<readonly AuthorityNews[]> {
    const { tools, now, save } = this.#options;
    const learned =
      digest === null || digest === this.#chain.asked
        ? { chain: this.#chain, news: [] }
        : learn(this.#chain, await ask(), tools, now());
    const followed = follow(learned.chain, tools, now());
    if (followed.chain === this.#chain) return [];
    try {
      await save(followed.chain);
    } catch {
      // The disk is full, for example, which the client reports when it stores its state. The pin stays.
      return [];
    }
    this.#chain = followed.chain;
    this.#roots = rootsOf(followed.chain, tools);
    return [...learned.news, ...followed.news];
  }

  #root(index: number): Root {
    const root = this.#roots[index];
    if (root === undefined) throw new Error('The chain of authorities does not contain the pinned one.');
    return root;
  }
}
