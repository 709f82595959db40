/** The succession of a server's authorities, as a client follows it: by its own clock, and by what both authorities have signed. */
import {
  limits,
  type ResultOf,
  type Statement,
  type Succession,
  successionStatement,
  type Withdrawal,
  withdrawalStatement,
} from '@chat/protocol';
import { describe, expect, test } from 'vitest';
import {
  type AuthorityChain,
  type AuthorityTools,
  chainTo,
  firstChain,
  follow,
  learn,
  rootsOf,
} from '../../src/connection/authority-chain.ts';

type Offered = ResultOf<'get-authority'>;

/** A root `x` has the certificate `x`, its fingerprint, and the key `key x`. A signature names the key and what it covers. */
const fingerprintOf = (name: string) => Buffer.from(name).toString('hex').padEnd(64, '0');
const signed = (name: string, { domain, data }: Statement) =>
  `key ${name}: ${domain.purpose} ${domain.context} ${Buffer.from(data)}`;
const tools: AuthorityTools = {
  readRoot: (certificate) =>
    certificate.includes(' ')
      ? null
      : { certificate, fingerprint: fingerprintOf(certificate), key: `key ${certificate}` },
  verify: (key, statement, signature) => signature === signed(key.slice(4), statement),
};

const dayMs = 24 * 60 * 60 * 1000;
const from = 100 * dayMs;

interface Changed {
  readonly signer?: string;
  readonly prover?: string;
  readonly server?: string;
}

function succeeds(
  number: number,
  previous: string,
  next: string,
  { signer, prover, server }: Changed = {},
): Succession {
  const fields = { number, previous: fingerprintOf(previous), from, madeAt: 0 };
  const statement = successionStatement(fingerprintOf(server ?? 'a'), { ...fields, next: fingerprintOf(next) });
  const [signature, proof] = [signed(signer ?? previous, statement), signed(prover ?? next, statement)];
  return { ...fields, certificate: next, signature, proof };
}

function withdraws(number: number, next: string, signer: string): Withdrawal {
  const fields = { number, withdrawn: fingerprintOf(next) };
  return { ...fields, signature: signed(signer, withdrawalStatement(fingerprintOf('a'), fields)) };
}

const offer = (successions: Succession[], withdrawals: Withdrawal[] = []): Offered => ({
  first: 'a',
  successions,
  withdrawals,
});
const start = firstChain({ certificate: 'a', fingerprint: fingerprintOf('a') });
const toB = succeeds(1, 'a', 'b');

/** Learns of each offer in turn, each a day after the one before. */
function learned(...offers: Offered[]) {
  let chain: AuthorityChain = start;
  const statuses: string[] = [];
  for (const [index, each] of offers.entries()) {
    const { chain: after, news } = learn(chain, each, tools, index * dayMs);
    chain = after;
    statuses.push(...news.map(({ status }) => status));
  }
  return { chain, statuses };
}

const namesOf = (chain: AuthorityChain) => rootsOf(chain, tools).map(({ certificate }) => certificate);
const pinnedAt = (chain: AuthorityChain, now: number) =>
  namesOf(chain).find((name) => fingerprintOf(name) === follow(chain, tools, now).chain.pinned);

describe('a succession that both authorities have signed', () => {
  test('is reported once, and its authority counts in rooms at once', () => {
    const { chain, statuses } = learned(offer([toB]), offer([toB]));
    expect([statuses, namesOf(chain)]).toEqual([['announced'], ['a', 'b']]);
  });

  test('is followed a day after its time, not before', () => {
    const { chain } = learned(offer([toB]));
    expect(pinnedAt(chain, from + dayMs - 1)).toBe('a');
    expect(pinnedAt(chain, from + dayMs)).toBe('b');
    expect(follow(chain, tools, from + dayMs).news).toEqual([{ status: 'renewed' }]);
  });

  test('is followed when the client has known of it for a week, however long its time has passed', () => {
    const { chain } = learn(start, offer([toB]), tools, from + 50 * dayMs);
    expect(pinnedAt(chain, from + 50 * dayMs + limits.authorityNotice - 1)).toBe('a');
    expect(pinnedAt(chain, from + 50 * dayMs + limits.authorityNotice)).toBe('b');
  });

  test('leads over several authorities at once for a client that was away', () => {
    const { chain } = learned(offer([toB, succeeds(2, 'b', 'c')]));
    expect([namesOf(chain), pinnedAt(chain, from + dayMs)]).toEqual([['a', 'b', 'c'], 'c']);
  });
});

describe('a client does not follow', () => {
  test.each([
    ['that the authority before has not signed', succeeds(1, 'a', 'b', { signer: 'x' })],
    ['that the new authority has not signed', succeeds(1, 'a', 'b', { prover: 'x' })],
    ['of another server', succeeds(1, 'a', 'b', { server: 'x' })],
    ['of an authority that it does not know', succeeds(1, 'x', 'b')],
    ['to what is no authority', succeeds(1, 'a', 'no root')],
    ['whose time was changed', { ...toB, from: from - 1 }],
  ])('a succession %s, and reports it', (_, forged) => {
    const { chain, statuses } = learned(offer([forged]));
    expect([statuses, namesOf(chain)]).toEqual([['forged'], ['a']]);
    expect(pinnedAt(chain, from * 2)).toBe('a');
  });

  test('either of two successors of one authority, also after a restart', () => {
    const { chain, statuses } = learned(offer([toB]), offer([toB, succeeds(2, 'a', 'x')]), offer([toB]));
    expect(statuses).toEqual(['announced', 'disputed']);
    expect(pinnedAt(JSON.parse(JSON.stringify(chain)), from * 2)).toBe('a');
  });

  test('one that was withdrawn, and follows the one after it', () => {
    const withdrawal = withdraws(1, 'b', 'a');
    const after = offer([toB], [withdrawal]);
    const { chain, statuses } = learned(offer([toB]), after, after);
    expect([statuses, namesOf(chain), pinnedAt(chain, from * 2)]).toEqual([['announced', 'withdrawn'], ['a'], 'a']);
    const next = learn(chain, offer([toB, succeeds(2, 'a', 'c')], [withdrawal]), tools, 0);
    expect([next.news[0]?.status, pinnedAt(next.chain, from * 2)]).toEqual(['announced', 'c']);
  });

  test('a withdrawal that the authority before has not signed', () => {
    const { chain, statuses } = learned(offer([toB]), offer([toB], [withdraws(1, 'b', 'b')]));
    expect([statuses, pinnedAt(chain, from + dayMs)]).toEqual([['announced'], 'b']);
  });

  test('anything that an authority before the pinned one has signed', () => {
    const pinned = follow(learned(offer([toB])).chain, tools, from + dayMs).chain;
    const rival = learn(pinned, offer([toB, succeeds(2, 'a', 'x')]), tools, 0);
    expect([rival.news, rival.chain.pinned, rival.chain.disputed]).toEqual([[], fingerprintOf('b'), false]);
    const withdrawn = learn(pinned, offer([toB], [withdraws(1, 'b', 'a')]), tools, 0);
    expect([withdrawn.news, namesOf(withdrawn.chain)]).toEqual([[], ['a', 'b']]);
  });
});

describe('a new user who trusts', () => {
  const toC = succeeds(2, 'b', 'c');
  test.each(['a', 'b', 'c'])('authority %s of a chain gets the same server id', (trusted) => {
    const chain = chainTo(fingerprintOf(trusted), offer([toB, toC]), tools, 0);
    expect(chain?.pinned).toBe(fingerprintOf(trusted));
    expect(namesOf(chain as AuthorityChain)[0]).toBe('a');
  });

  test('an authority to which no signed chain leads gets nothing', () => {
    expect(chainTo(fingerprintOf('b'), offer([succeeds(1, 'a', 'b', { signer: 'x' })]), tools, 0)).toBeNull();
    expect(chainTo(fingerprintOf('x'), offer([toB]), tools, 0)).toBeNull();
  });
});
