import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCrl } from '../../src/index.ts';
import type { RevokedCertificate } from '../../src/x509/revocation-entries.ts';
import { parseCertificateList, signedCertificateList } from '../../src/x509/revocation-list.ts';
import { reasonFromNumber } from '../../src/x509/revocation-reason.ts';
import { signingWith } from '../../src/x509/signature-algorithm.ts';
import { days, now } from '../verify/hostile-chains/certificate-builder.ts';
import { root } from '../verify/hostile-chains/row.ts';

const signing = signingWith(root.keys.privateKey);
const head = { issuer: new Uint8Array(root.name), thisUpdate: now, nextUpdate: days(1) };

function listOf(revoked: readonly RevokedCertificate[], more: { number?: bigint; authorityKeyId?: Uint8Array } = {}) {
  return signedCertificateList(
    { ...head, ...more, revoked: new Map(revoked.map((one) => [one.serial, one])) },
    signing,
  );
}

const seconds = fc
  .integer({ min: Date.UTC(1950, 0, 1) / 1000, max: Date.UTC(9999, 11, 31) / 1000 })
  .map((time) => new Date(time * 1000));
const entry: fc.Arbitrary<RevokedCertificate> = fc.record(
  {
    serial: fc.bigInt({ min: 1n, max: 2n ** 159n - 1n }).map((serial) => {
      const hex = serial.toString(16);
      return hex.length % 2 === 0 ? hex : `0${hex}`;
    }),
    revokedAt: seconds,
    reason: fc.constantFrom(...[1, 2, 3, 4, 5, 6, 9, 10].flatMap((number) => reasonFromNumber(number) ?? [])),
    invalidityDate: seconds,
  },
  { requiredKeys: ['serial', 'revokedAt'] },
);

test('parseCertificateList reads what signedCertificateList writes', () => {
  const id = fc.uint8Array({ minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(
      fc.uniqueArray(entry, { selector: ({ serial }) => serial }),
      fc.bigInt({ min: 0n, max: 2n ** 159n - 1n }),
      id,
      (revoked, number, authorityKeyId) => {
        const list = parseCertificateList(listOf(revoked, { number, authorityKeyId }));
        expect([...list.revoked.values()]).toEqual(revoked);
        expect(list).toMatchObject({ ...head, number, notUnderstood: [] });
        expect(new Uint8Array(list.authorityKeyId ?? [])).toEqual(authorityKeyId);
      },
    ),
    { numRuns: 50 },
  );
});

test('a list can have 20 000 entries', () => {
  const revoked = Array.from({ length: 20_000 }, (_, i) => ({
    serial: (0x10000 + i).toString(16).padStart(6, '0'),
    revokedAt: now,
  }));
  expect(readCrl(listOf(revoked)).revoked.size).toBe(20_000);
});

test('signedCertificateList omits an unspecified reason', () => {
  const { revoked } = readCrl(listOf([{ serial: '05', revokedAt: now, reason: 'unspecified' }]));
  expect(revoked.get('05')).toEqual({ serial: '05', revokedAt: now });
});

test('removeFromCRL and unassigned numbers are no reasons', () => {
  for (const number of [7, 8, 11, undefined]) expect(reasonFromNumber(number)).toBeNull();
});
