/** Every chain of the tables gets the verdict of RFC 5280, and the peers’ where it can be asked. */
import { onlyInFullRun, optional } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { type CaError, verifyCertificate } from '../../src/index.ts';
import { authorities } from './hostile-chains/authorities.ts';
import { gnutlsDiffers } from './hostile-chains/gnutls-differences.ts';
import { hosts } from './hostile-chains/hosts.ts';
import { keyTypes } from './hostile-chains/key-types.ts';
import { links } from './hostile-chains/links.ts';
import { names } from './hostile-chains/names.ts';
import { Peers } from './hostile-chains/peers.ts';
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
];

for (const [table, rows] of tables) {
  describe(table, () => {
    test.each(rows)('$what', ({ chain, verdict, at }) => {
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

test('every row has a name of its own, and a clause where a peer differs', () => {
  const rows = tables.flatMap(([, table]) => table);
  expect(new Set(rows.map(({ what }) => what)).size).toBe(rows.length);
  expect(rows.filter(({ openssl, clause }) => openssl !== undefined && clause === undefined)).toEqual([]);
});

optional('openssl', ['openssl', 'version'])('openssl verify', () => {
  test('says the same, or the row names the clause that decides', () => {
    using peers = new Peers();
    const said = askable.map((row) => ({ what: row.what, verdict: peers.openssl(row.chain()) }));
    expect(said).toEqual(
      askable.map(({ what, verdict, openssl }) => ({
        what,
        verdict: openssl ?? (verdict === 'accepted' ? 'accepts' : 'refuses'),
      })),
    );
  });
});

onlyInFullRun('the verdicts of GnuTLS’s certtool')('certtool --verify', () => {
  test('says the same but for the rows that are listed', () => {
    using peers = new Peers();
    const differing = askable.filter(
      (row) => (peers.gnutls(row.chain()) === 'accepts') !== (row.verdict === 'accepted'),
    );
    const listed = gnutlsDiffers.flatMap(({ rows }) => rows);
    expect(differing.map(({ what }) => what).sort()).toEqual([...listed].sort());
  });
});
