/**
 * The succession of a server's certificate authorities, as one client knows it. The functions here are pure.
 *
 * A client pins one authority. It pins the next one when that one's time has come and the client has known of it for a week, both
 * by its own clock. The pin before works until then, so the wait locks no user out, and a thief of an authority's key has to show its
 * successor to each client for a week.
 */
import {
  authorityDigest,
  fromBase64url,
  limits,
  type ResultOf,
  type Statement,
  type Succession,
  successionStatement,
  type Withdrawal,
  withdrawalStatement,
} from '@chat/protocol';
import type { AuthorityNews } from '../events.ts';

/** A certificate authority. */
export interface Root {
  /** PEM. */
  readonly certificate: string;
  readonly fingerprint: string;
  /** SubjectPublicKeyInfo in base64url. */
  readonly key: string;
}

/** A succession that the client has verified. */
export interface KnownSuccession extends Succession {
  /** When the client first knew of it, in ms since 1970 by its own clock. */
  readonly seenAt: number;
}

/** What a client knows of the authorities of its server. It is stored as JSON. */
export interface AuthorityChain {
  /** The certificate of the first authority. Its fingerprint is the server id. */
  readonly first: string;
  /** The fingerprint of the authority against which connections are verified. */
  readonly pinned: string;
  /** In their order, without those that were withdrawn. */
  readonly successions: readonly KnownSuccession[];
  readonly withdrawals: readonly Withdrawal[];
  /** True after the pinned authority has named two successors. The client follows neither. */
  readonly disputed: boolean;
  /** The digest of what the server showed when the client last asked; null if it has not asked. */
  readonly asked: string | null;
}

/** Reads and verifies for the functions here. */
export interface AuthorityTools {
  /** Reads a certificate in PEM. Returns null unless it is an authority's own on P-384. */
  readonly readRoot: (certificate: string) => Root | null;
  readonly verify: (key: string, statement: Statement, signature: string) => boolean;
}

type Offered = ResultOf<'get-authority'>;

interface Learned {
  readonly chain: AuthorityChain;
  readonly news: readonly AuthorityNews[];
}

/** The server may switch later by its clock than by the client's, and refuses no client that follows a day later. */
const clockMarginMs = 24 * 60 * 60 * 1000;

/** Returns the chain of a server that has had one authority. */
export const firstChain = ({ certificate, fingerprint }: Omit<Root, 'key'>): AuthorityChain => ({
  first: certificate,
  pinned: fingerprint,
  successions: [],
  withdrawals: [],
  disputed: false,
  asked: null,
});

/** Returns the authorities that the client knows, oldest first. Each but the first is signed by the one before. */
export function rootsOf({ first, successions }: AuthorityChain, { readRoot }: AuthorityTools): readonly Root[] {
  return [first, ...successions.map(({ certificate }) => certificate)].flatMap((each) => readRoot(each) ?? []);
}

/** One succession that the server shows, with the authority that it names as the one before. */
interface Candidate {
  readonly offered: Succession;
  readonly previous: Root;
  readonly next: Root;
}

function candidateOf(offered: Succession, chain: AuthorityChain, tools: AuthorityTools): Candidate | null {
  const [root] = rootsOf(chain, tools);
  const previous = rootsOf(chain, tools).find(({ fingerprint }) => fingerprint === offered.previous);
  const next = tools.readRoot(offered.certificate);
  if (root === undefined || previous === undefined || next === null) return null;
  const statement = successionStatement(root.fingerprint, { ...offered, next: next.fingerprint });
  const isSigned =
    tools.verify(previous.key, statement, offered.signature) && tools.verify(next.key, statement, offered.proof);
  return isSigned ? { offered, previous, next } : null;
}

/** Returns the server's withdrawal of a succession, if the authority before has signed it. */
function withdrawalOf(
  { offered, previous, next }: Candidate,
  all: Offered,
  chain: AuthorityChain,
  tools: AuthorityTools,
) {
  const [root] = rootsOf(chain, tools);
  const found = all.withdrawals.find((each) => each.number === offered.number && each.withdrawn === next.fingerprint);
  if (found === undefined || root === undefined) return null;
  return tools.verify(previous.key, withdrawalStatement(root.fingerprint, found), found.signature) ? found : null;
}

const numbersOf = ({ successions, withdrawals }: AuthorityChain): readonly number[] =>
  [...successions, ...withdrawals].map(({ number }) => number);

function withdraw(chain: AuthorityChain, withdrawal: Withdrawal, { offered }: Candidate): Learned {
  const at = chain.successions.findIndex(({ number }) => number === offered.number);
  const kept = at < 0 ? chain.successions : chain.successions.slice(0, at);
  const changed = { ...chain, successions: kept, withdrawals: [...chain.withdrawals, withdrawal] };
  return { chain: changed, news: at < 0 ? [] : [{ status: 'withdrawn' }] };
}

function take(before: AuthorityChain, offered: Succession, all: Offered, tools: AuthorityTools, now: number): Learned {
  const unchanged: Learned = { chain: before, news: [] };
  if (before.withdrawals.some(({ number }) => number === offered.number)) return unchanged;
  const known = before.successions.find(({ certificate }) => certificate === offered.certificate);
  const candidate = candidateOf(offered, before, tools);
  if (candidate === null) return { chain: before, news: [{ status: 'forged' }] };

  const roots = rootsOf(before, tools).map(({ fingerprint }) => fingerprint);
  const isPast = roots.indexOf(offered.previous) < roots.indexOf(before.pinned);
  // The authorities before the pinned one decide nothing any more.
  if (isPast) return unchanged;
  const withdrawal = withdrawalOf(candidate, all, before, tools);
  if (withdrawal !== null) return withdraw(before, withdrawal, candidate);
  if (known !== undefined) return unchanged;
  if (offered.previous !== roots.at(-1)) {
    return before.disputed ? unchanged : { chain: { ...before, disputed: true }, news: [{ status: 'disputed' }] };
  }
  if (offered.number <= Math.max(0, ...numbersOf(before))) return { chain: before, news: [{ status: 'forged' }] };
  const successions = [...before.successions, { ...offered, seenAt: now }];
  return { chain: { ...before, successions }, news: [{ status: 'announced', from: offered.from }] };
}

/**
 * Takes what the server shows. It follows no authority yet.
 *
 * @param now milliseconds by the client's own clock
 */
export function learn(chain: AuthorityChain, offered: Offered, tools: AuthorityTools, now: number): Learned {
  let after: AuthorityChain = { ...chain, asked: authorityDigest(offered) };
  const news: AuthorityNews[] = [];
  for (const each of [...offered.successions].sort((a, b) => a.number - b.number)) {
    const learned = take(after, each, offered, tools, now);
    after = learned.chain;
    news.push(...learned.news);
  }
  return { chain: after, news };
}

/** Pins the next authorities whose time has come, and of which the client has known for a week. */
export function follow(chain: AuthorityChain, tools: AuthorityTools, now: number): Learned {
  const roots = rootsOf(chain, tools).map(({ fingerprint }) => fingerprint);
  let due: KnownSuccession | undefined;
  for (const each of chain.successions.slice(roots.indexOf(chain.pinned))) {
    if (each.from + clockMarginMs > now || each.seenAt + limits.authorityNotice > now) break;
    due = each;
  }
  const next = due === undefined || chain.disputed ? null : tools.readRoot(due.certificate);
  if (next === null) return { chain, news: [] };
  return { chain: { ...chain, pinned: next.fingerprint }, news: [{ status: 'renewed' }] };
}

/**
 * Returns the chain of a user who trusts one authority of the server, for example by an invitation line.
 *
 * @param trusted the fingerprint
 * @returns null if the server shows no chain of statements that leads from its first authority to the trusted one
 */
export function chainTo(trusted: string, offered: Offered, tools: AuthorityTools, now: number): AuthorityChain | null {
  const first = tools.readRoot(offered.first);
  if (first === null) return null;
  const { chain } = learn(firstChain(first), offered, tools, now);
  const isKnown = rootsOf(chain, tools).some(({ fingerprint }) => fingerprint === trusted);
  return isKnown ? { ...chain, pinned: trusted, disputed: false } : null;
}

/** Returns the verification of statements with the room's cryptography. */
export const statementVerifier =
  (verify: (key: Uint8Array, domain: Statement['domain'], data: Uint8Array, signature: Uint8Array) => boolean) =>
  (key: string, { domain, data }: Statement, signature: string): boolean =>
    verify(fromBase64url(key), domain, data, fromBase64url(signature));
