/**
 * Gives mutated input to every decoder: each reads it or throws a `CaError` with one of its codes. A mutated path is never accepted.
 */
import { onlyInFullRun, thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { derTag, derValue, sequence } from '../src/der/der-writer.ts';
import {
  type CaErrorCode,
  checkRequest,
  createCertRequest,
  createKeyPair,
  privateKeyFromPem,
  privateKeyToPem,
  readCertificate,
  readCrl,
  verifyCertificate,
} from '../src/index.ts';
import { derOf, outcomeOf, pem } from './support/forge.ts';
import {
  critical,
  generalName,
  makeCa,
  makeLeaf,
  nameConstraints,
  now,
  oid,
  plain,
} from './verify/hostile-chains/certificate-builder.ts';
import { makeList } from './verify/hostile-chains/crl-builder.ts';
import { optionsOf } from './verify/hostile-chains/row.ts';

const root = makeCa({ name: 'Root', pathLength: 2 });
const { dns, ip, email, uri, directory } = generalName;
const middle = makeCa({
  name: 'Middle',
  issuer: root,
  extensions: {
    [oid.nameConstraints]: critical(
      nameConstraints({ permitted: [dns('example'), email('.example')], excluded: [ip(10, 0, 0, 0, 255, 0, 0, 0)] }),
    ),
  },
});
const names = [
  dns('chat.example'),
  ip(192, 0, 2, 1),
  uri('https://chat.example/'),
  email('a@chat.example'),
  directory(root.name),
];
const leaf = makeLeaf({ issuer: middle, names });
const list = makeList({
  issuer: middle,
  revoked: [makeLeaf({ issuer: middle })],
  entryExtensions: { [oid.reason]: plain(derValue(derTag.enumerated, Uint8Array.of(1))) },
});
const request = createCertRequest(createKeyPair('ec'), { commonName: 'a', dns: ['chat.example'], ip: ['::1'] });
const privateKey = privateKeyToPem(createKeyPair('ec').privateKey);

const ofForm: readonly (CaErrorCode | 'accepted')[] = [
  'accepted',
  'malformed',
  'not-canonical',
  'trailing-bytes',
  'too-large',
  'duplicate-extension',
  'bad-name',
  'unsupported-algorithm',
];
const ofKeys = [...ofForm, 'weak-key', 'weak-digest'] as const;

interface Decoder {
  readonly what: string;
  readonly label: string;
  readonly sample: Uint8Array;
  readonly decode: (input: string | Uint8Array) => unknown;
  readonly codes: readonly string[];
}

const decoders: Decoder[] = [
  { what: 'leaf certificate', label: 'CERTIFICATE', sample: leaf.der, decode: readCertificate, codes: ofForm },
  { what: 'CA certificate', label: 'CERTIFICATE', sample: middle.der, decode: readCertificate, codes: ofForm },
  { what: 'revocation list', label: 'X509 CRL', sample: derOf(list), decode: readCrl, codes: ofForm },
  {
    what: 'request',
    label: 'CERTIFICATE REQUEST',
    sample: derOf(request),
    decode: (input) => checkRequest(typeof input === 'string' ? input : pem('CERTIFICATE REQUEST', input)),
    codes: [...ofKeys, 'no-possession'],
  },
  {
    what: 'private key',
    label: 'PRIVATE KEY',
    sample: derOf(privateKey),
    decode: (input) => privateKeyFromPem(typeof input === 'string' ? input : pem('PRIVATE KEY', input)),
    codes: [...ofKeys, 'key-mismatch'],
  },
];

/** A change: a byte is set or flipped, bytes are removed, repeated or inserted, or the end is cut off. */
interface Mutation {
  readonly kind: 'set' | 'flip' | 'remove' | 'repeat' | 'insert' | 'cut';
  readonly at: number;
  readonly length: number;
  readonly value: number;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('set', 'flip', 'remove', 'repeat', 'insert', 'cut'),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 24 }),
  // Lengths and tags are more frequent than other bytes.
  value: fc.oneof(fc.nat(255), fc.constantFrom(0x00, 0x01, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x84, 0xa0, 0xa3, 0xff)),
});

function mutate(bytes: Uint8Array, { kind, at, length, value }: Mutation): Uint8Array {
  const place = at % Math.max(1, bytes.length);
  const [before, here, after] = [
    bytes.subarray(0, place),
    bytes.subarray(place, place + length),
    bytes.subarray(place + length),
  ];
  if (kind === 'set') return Buffer.concat([before, Uint8Array.of(value), bytes.subarray(place + 1)]);
  if (kind === 'flip')
    return Buffer.concat([before, Uint8Array.of((bytes[place] ?? 0) ^ (1 << (value & 7))), bytes.subarray(place + 1)]);
  if (kind === 'remove') return Buffer.concat([before, after]);
  if (kind === 'repeat') return Buffer.concat([before, here, here, after]);
  if (kind === 'insert') return Buffer.concat([before, new Uint8Array(length).fill(value), here, after]);
  return before;
}

const mutations = fc.array(mutation, { minLength: 1, maxLength: 3 });

function attack({ sample, label, decode, codes }: Decoder, numRuns: number): void {
  fc.assert(
    fc.property(mutations, fc.boolean(), (changes, asPem) => {
      const changed = changes.reduce(mutate, sample);
      expect(codes).toContain(outcomeOf(() => decode(asPem ? pem(label, changed) : changed)));
    }),
    { numRuns },
  );
}

/** Mutates the PEM text. */
function attackText({ sample, label, decode, codes }: Decoder, numRuns: number): void {
  const text = Buffer.from(pem(label, sample));
  fc.assert(
    fc.property(mutations, (changes) => {
      const changed = Buffer.from(changes.reduce(mutate, text)).toString('latin1');
      expect([...codes, 'wrong-password']).toContain(outcomeOf(() => decode(changed)));
    }),
    { numRuns },
  );
}

/** Mutates one part of a path: no mutation is accepted. */
function attackPath(numRuns: number): void {
  const options = optionsOf({
    leaf,
    anchors: [root],
    intermediates: [middle],
    crls: [list, makeList({ issuer: root })],
  });
  expect(verifyCertificate(leaf.pem, options).path).toHaveLength(3);
  fc.assert(
    fc.property(mutations, fc.constantFrom('leaf', 'intermediate', 'list'), (changes, target) => {
      const change = (der: Uint8Array) => changes.reduce(mutate, der);
      const code = outcomeOf(() =>
        verifyCertificate(target === 'leaf' ? change(leaf.der) : leaf.der, {
          ...options,
          at: now,
          ...(target === 'intermediate' && { intermediates: [change(middle.der)] }),
          ...(target === 'list' && { crls: [change(derOf(list)), makeList({ issuer: root })] }),
        }),
      );
      const sample = { leaf: leaf.der, intermediate: middle.der, list: derOf(list) }[target];
      if (Buffer.compare(change(sample), sample) !== 0) expect(code).not.toBe('accepted');
    }),
    { numRuns },
  );
}

describe('mutated input', () => {
  test.each(decoders)('is read or refused: $what', (decoder) => attack(decoder, 400));
  test.each(decoders)('is read or refused: $what as PEM', (decoder) => attackText(decoder, 150));
  test('is never accepted in a path', () => attackPath(300));
});

onlyInFullRun('long fuzzing of every decoder')('much mutated input', () => {
  test.each(decoders)('is read or refused: $what', (decoder) => attack(decoder, 40_000));
  test.each(decoders)('is read or refused: $what as PEM', (decoder) => attackText(decoder, 10_000));
  test('is never accepted in a path', () => attackPath(20_000));
});

describe('the work for large input', () => {
  test('is bounded by a limit on its size', () => {
    for (const { decode, what } of decoders) {
      const over = new Uint8Array(what === 'revocation list' ? 4 * 1024 * 1024 + 1 : 48_001).fill(0x30);
      expect(thrownCode(() => decode(over))).toBe('too-large');
    }
  });

  test('is bounded by a limit on the depth of values', () => {
    let nested: Uint8Array = sequence();
    for (let depth = 0; depth < 1000; depth++) nested = sequence(nested);
    for (const { decode } of decoders) expect(thrownCode(() => decode(nested))).toBe('malformed');
  });
});
