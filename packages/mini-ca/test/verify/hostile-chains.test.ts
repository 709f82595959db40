/** Checks the verdict on every chain of the tables, and asks OpenSSL and GnuTLS for theirs. */
import { isFullRun, onlyInFullRun, optional } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { type CaError, verifyCertificate } from '../../src/index.ts';
import { certtool, openssl, type Peer } from '../support/peer.ts';
import { type Difference, unexpectedVerdicts, type Verdict } from '../support/peer-verdicts.ts';
import { authorities } from './hostile-chains/authorities.ts';
import { gnutlsDifferences } from './hostile-chains/gnutls-differences.ts';
import { hosts } from './hostile-chains/hosts.ts';
import { keyTypes } from './hostile-chains/key-types.ts';
import { links } from './hostile-chains/links.ts';
import { listForms } from './hostile-chains/list-forms.ts';
import { listParts } from './hostile-chains/list-parts.ts';
import { names } from './hostile-chains/names.ts';
import { oddLists } from './hostile-chains/odd-lists.ts';
import { Peers } from './hostile-chains/peers.ts';
import { profileNames } from './hostile-chains/profile-names.ts';
import { profileRows } from './hostile-chains/profiles.ts';
import { purposes } from './hostile-chains/purposes.ts';
import { revocations } from './hostile-chains/revocations.ts';
import { optionsOf, type Row } from './hostile-chains/row.ts';
import { searches } from './hostile-chains/searches.ts';

const tables: [string, Row[]][] = [
  ['links', links],
  ['authorities', authorities],
  ['purposes', purposes],
  ['names', names],
  ['hosts', hosts],
  ['revocations', revocations],
  ['searches', searches],
  ['key types', keyTypes],
  ['odd lists', oddLists],
  ['parts of lists', listParts],
  ['forms of lists', listForms],
  ['profiles', profileRows],
  ['profiles: names', profileNames],
];

for (const [table, rows] of tables) {
  describe(table, () => {
    test.each(rows)('says $verdict: $what', ({ chain, verdict, at }) => {
      const { leaf, ...made } = chain();
      const verify = () => verifyCertificate(leaf.pem, optionsOf({ leaf, ...made }));
      if (verdict === 'accepted') {
        const { path } = verify();
        expect(path[0]?.pem).toBe(leaf.pem);
        const trusted = [...made.anchors.map(({ pem }) => pem), ...(made.options?.pinned ?? [])];
        expect(trusted).toContain(path.at(-1)?.pem);
        return;
      }
      const error = errorOf(verify);
      const reversed = { ...made, intermediates: [...(made.intermediates ?? [])].reverse() };
      const again = errorOf(() => verifyCertificate(leaf.pem, optionsOf({ leaf, ...reversed })));
      expect(again?.message).toBe(error?.message);
      expect(error?.code).toBe(verdict);
      if (at !== undefined) expect(error?.certificate?.position).toBe(at);
    });
  });
}

function errorOf(run: () => unknown): CaError | undefined {
  try {
    run();
  } catch (error) {
    return error as CaError;
  }
  return undefined;
}

const askable = tables.flatMap(([, rows]) => rows.filter(({ onlyHere }) => onlyHere === undefined));

test('each row has a unique name, and each difference of GnuTLS names a row', () => {
  const names = tables.flatMap(([, table]) => table.map(({ what }) => what));
  expect(new Set(names).size).toBe(names.length);
  expect([...gnutlsDifferences.keys()].filter((row) => !names.includes(row))).toEqual([]);
});

/** Asks the peer about every chain. What the table does not list fails in a listed version and is reported in any other. */
function ask(peer: Peer, verdictOn: (row: Row) => Verdict, differenceOf: (row: Row) => Difference | null): void {
  // In a user's run every fourth row.
  const asked = askable
    .filter((_, index) => isFullRun || index % 4 === 0)
    .map((row) => ({
      row: row.what,
      ours: row.verdict === 'accepted' ? ('accepts' as const) : ('refuses' as const),
      difference: differenceOf(row),
      got: verdictOn(row),
    }));
  const unexpected = unexpectedVerdicts(peer.version ?? '', asked);
  if (peer.isBinding) expect(unexpected).toEqual([]);
  else for (const { row, expected, got } of unexpected) peer.report(`${row}: expected ${expected}, got ${got}`);
}

optional('openssl', ['openssl', 'version'])('openssl verify', () => {
  test('agrees, except where a row lists a difference', () => {
    const peers = new Peers();
    ask(
      openssl,
      ({ chain }) => peers.openssl(chain()),
      (row) => row.openssl ?? null,
    );
  });
});

onlyInFullRun('the verdicts of GnuTLS’s certtool')('certtool --verify', () => {
  test('agrees, except where the table of differences lists a row', () => {
    const peers = new Peers();
    ask(
      certtool,
      ({ chain }) => peers.gnutls(chain()),
      ({ what }) => gnutlsDifferences.get(what) ?? null,
    );
  });
});
