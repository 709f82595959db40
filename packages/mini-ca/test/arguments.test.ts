/** Every public function refuses wrong arguments with an error of this library, also where no compiler has checked them. */
import { rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import * as library from '../src/index.ts';
import { outcomeOf } from './support/forge.ts';

type AnyFunction = (...values: unknown[]) => unknown;

const total = new Set(['isIpAddress', 'isHostName']);
const functions = Object.entries(library).flatMap(([name, value]): [string, AnyFunction][] =>
  typeof value === 'function' && /^[a-z]/.test(name) ? [[name, value as AnyFunction]] : [],
);
const wrong = [undefined, null, 0, 'x', {}, [], () => {}];

const root = library.createCA({ size: 'P-256' });
const authority = () =>
  new library.CertificateAuthority({ ...root, ledger: new library.MemoryLedger(), authorise: () => null });

describe.each(functions)('%s', (name, call) => {
  test('throws nothing but a CaError for no and for wrong arguments', () => {
    for (const value of wrong) {
      const outcome = outcomeOf(() => call(value, value, value, value, value, value));
      if (total.has(name)) expect(outcome).toBe('accepted');
      expect(outcome).toMatch(/^[a-z-]+$/);
    }
    expect(outcomeOf(() => call())).toMatch(/^[a-z-]+$/);
  });
});

test.each(['certificate', 'privateKey', 'ledger', 'authorise'])('an authority requires %s', (name) => {
  for (const value of [undefined, null, {}]) {
    const options = { ...root, ledger: new library.MemoryLedger(), authorise: () => null, [name]: value };
    expect(outcomeOf(() => new library.CertificateAuthority(options))).toBe('bad-argument');
  }
});

test.each(['check', 'issue', 'renew', 'revoke', 'createCrl', 'crossSign'] as const)(
  'the method %s refuses wrong arguments',
  async (name) => {
    for (const value of [null, 0, 'x', { x: 1 }]) {
      const call = authority()[name].bind(authority()) as AnyFunction;
      expect(await rejectedCode((async () => call(value, value))())).toMatch(/^[a-z-]+$/);
    }
  },
);

test.each<[string, () => unknown]>([
  ['createCA', () => library.createCA({ commonname: 'x' } as object)],
  ['createCertRequest', () => library.createCertRequest(library.createKeyPair('ec'), { commonname: 'x' } as object)],
  ['CertificateAuthority', () => new library.CertificateAuthority({ ...authorityOptions(), clok: Date.now } as never)],
  ['verifyCertificate', () => library.verifyCertificate(root.certificate, { ...verifyOptions, crl: [] } as never)],
  ['inspect', () => library.inspect(root.certificate, { at: new Date() } as object)],
])('%s refuses a misspelt option', (_, call) => {
  expect(outcomeOf(call)).toBe('bad-argument');
});

const verifyOptions = { anchors: [root.certificate], at: new Date(), purpose: 'serverAuth' };

function authorityOptions() {
  return { ...root, ledger: new library.MemoryLedger(), authorise: () => null };
}
