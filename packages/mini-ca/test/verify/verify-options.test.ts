/** The inputs of `verifyCertificate`, and the certificate that its errors name. */
import { thrownCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { type CaError, readCertificate, readCrl, type VerifyOptions, verifyCertificate } from '../../src/index.ts';
import { outcomeOf } from '../support/forge.ts';
import { days, makeCa } from './hostile-chains/certificate-builder.ts';
import { makeList } from './hostile-chains/crl-builder.ts';
import { leaf, middle, optionsOf, root, three } from './hostile-chains/row.ts';

const stranger = makeCa({ name: 'Stranger' });
const options = optionsOf(three({ crls: [makeList({ issuer: root }), makeList({ issuer: middle })] }));

function verdict(changes: Partial<VerifyOptions>): string {
  return outcomeOf(() => verifyCertificate(leaf.pem, { ...options, ...changes }));
}

test('takes results of readCertificate in place of PEM and DER', () => {
  const readLeaf = readCertificate(leaf.pem);
  const { certificate, path } = verifyCertificate(readLeaf, {
    ...options,
    anchors: [readCertificate(root.der)],
    intermediates: [middle.der],
    crls: options.crls?.map((crl) => (typeof crl === 'string' ? readCrl(crl) : crl)) ?? [],
  });
  expect(certificate).toBe(readLeaf);
  expect(path.map(({ pem }) => pem)).toEqual([leaf.pem, middle.pem, root.pem]);
  expect(verdict({ intermediates: path })).toBe('accepted');
});

test('refuses objects that readCertificate has not returned', () => {
  const copy = { ...readCertificate(root.pem) };
  expect(verdict({ anchors: [copy] })).toBe('bad-argument');
  expect(verdict({ intermediates: [copy] })).toBe('bad-argument');
  expect(verdict({ pinned: [copy] })).toBe('bad-argument');
  expect(thrownCode(() => verifyCertificate({ ...readCertificate(leaf.pem) }, options))).toBe('bad-argument');
  expect(verdict({ crls: [{ ...readCrl(makeList({ issuer: root })) }] })).toBe('bad-argument');
});

test('results of readCertificate cannot be changed', () => {
  const read = readCertificate(root.pem);
  expect(() => Object.assign(read, { notAfter: new Date(0) })).toThrow(TypeError);
});

test.each(['', '*.chat.example', 'chat.example.', 'https://chat.example', 'chät.example', '[::1]', '::1%eth0', 'a b'])(
  'no name to look for: %j',
  (name) => {
    expect(verdict({ name })).toBe('bad-argument');
  },
);

test('leaves out and reports what cannot be read, and refuses if that was needed', () => {
  expect(verdict({ anchors: ['junk'] })).toBe('malformed');
  expect(verdict({ pinned: ['junk'] })).toBe('malformed');
  expect(verdict({ intermediates: ['junk'] })).toBe('malformed');
  expect(verdict({ anchors: [stranger.pem, 'junk'] })).toBe('unknown-issuer');
  const { leftOut } = verifyCertificate(leaf.pem, {
    ...options,
    anchors: ['junk', root.pem],
    intermediates: [middle.pem, 'junk'],
    crls: [...(options.crls ?? []), 'junk'],
  });
  expect(leftOut.map(({ role, index, error }) => [role, index, error.code])).toEqual([
    ['anchor', 0, 'malformed'],
    ['intermediate', 1, 'malformed'],
    ['revocation list', 2, 'malformed'],
  ]);
});

test('a failure names the anchors that were left out, and the certificate without an issuer', () => {
  const run = () => verifyCertificate(leaf.pem, { ...options, anchors: [stranger.pem, 'junk'] });
  expect(run).toThrow(/anchor 1 could not be read/);
  const { fingerprint } = readCertificate(middle.pem);
  expect(run).toThrow(expect.objectContaining({ certificate: { position: 1, subject: 'Middle', fingerprint } }));
});

test('takes every option by its name, and refuses a value that is none', () => {
  const all: Required<VerifyOptions> = {
    ...options,
    intermediates: options.intermediates ?? [],
    crls: options.crls ?? [],
    pinned: [],
    profile: 'tls',
    maxIntermediates: 1,
    name: 'chat.example',
    unknownRevocation: 'refuse',
  };
  expect(verdict(all)).toBe('accepted');
  expect(verdict({ names: ['chat.example'] } as object)).toBe('bad-argument');
  for (const unknownRevocation of ['accept', '', null, true]) {
    expect(verdict({ unknownRevocation: unknownRevocation as never })).toBe('bad-argument');
  }
});

test('an error names the refused certificate', () => {
  const run = () => verifyCertificate(leaf.pem, { ...options, anchors: [] });
  expect(run).toThrow(expect.objectContaining<Partial<CaError>>({ code: 'unknown-issuer' }));
  try {
    run();
  } catch (error) {
    const { fingerprint } = readCertificate(middle.pem);
    expect((error as CaError).certificate).toEqual({ position: 1, subject: 'Middle', fingerprint });
  }
});

test('a failure of another kind is not that of what was left out', () => {
  const leftOut = { intermediates: ['junk', middle.pem], anchors: ['junk', root.pem] };
  expect(verdict({ ...leftOut, at: days(9) })).toBe('expired');
});

test.each(['anchors', 'intermediates', 'pinned', 'crls'] as const)('refuses `%s` that is no list', (name) => {
  for (const value of [root.pem, new Set([root.pem]), null, 7]) {
    expect(verdict({ [name]: value as never })).toBe('bad-argument');
  }
});

test.each(['clientauth', 'toString', ['serverAuth'], undefined])(
  'refuses %j as a purpose, which would else refuse every certificate, or none',
  (purpose) => {
    expect(verdict({ purpose: purpose as never })).toBe('bad-argument');
  },
);
