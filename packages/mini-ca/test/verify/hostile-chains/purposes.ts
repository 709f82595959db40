/** Chains with unknown extensions, and certificates that are not for the purpose. */
import { generateKeyPairSync } from 'node:crypto';
import { contextTag, derValue, integer, sequence } from '../../../src/der/der-writer.ts';
import { encodeObjectIdentifier } from '../../../src/der/object-identifier.ts';
import {
  critical,
  extensionValue,
  generalName,
  keyOf,
  makeCa,
  makeLeaf,
  oid,
  plain,
  purpose,
} from './certificate-builder.ts';
import { only, type Row, root, withLeaf, withMiddle, withRoot } from './row.ts';

const unknown = critical(extensionValue.null());
const weakRsa = () => generateKeyPairSync('rsa', { modulusLength: 1024 });

export const purposes: Row[] = [
  {
    what: 'unknown critical extension: leaf',
    chain: () => withLeaf(only('1.2.3.4', unknown)),
    verdict: 'unknown-critical-extension',
    at: 0,
  },
  {
    what: 'unknown critical extension: intermediate',
    chain: () => withMiddle(only('1.2.3.4', unknown)),
    verdict: 'unknown-critical-extension',
    at: 1,
  },
  {
    what: 'unknown critical extension: anchor',
    chain: () => withRoot(only('1.2.3.4', unknown)),
    verdict: 'unknown-critical-extension',
    at: 2,
  },
  {
    what: 'unknown extension that is not critical, everywhere',
    chain: () => withMiddle(only('1.2.3.4', plain(extensionValue.null()))),
    verdict: 'accepted',
  },
  {
    what: 'policy constraints',
    chain: () => withMiddle(only(oid.policyConstraints, critical(sequence(derValue(contextTag(0), Uint8Array.of(0)))))),
    verdict: 'unknown-critical-extension',
    openssl: { clause: '4.2: what cannot be processed is refused; policies are not processed here' },
    at: 1,
  },
  {
    what: 'inhibitAnyPolicy that is not marked critical',
    chain: () => withMiddle(only(oid.inhibitAnyPolicy, plain(integer(0n)))),
    verdict: 'unknown-critical-extension',
    at: 1,
    openssl: { clause: '4.2.1.14: it must be critical' },
  },
  {
    what: 'inhibitAnyPolicy',
    chain: () => withMiddle(only(oid.inhibitAnyPolicy, critical(integer(0n)))),
    verdict: 'unknown-critical-extension',
    openssl: { clause: '4.2: what cannot be processed is refused; policies are not processed here' },
    at: 1,
  },
  {
    what: 'critical certificate policies',
    chain: () => withLeaf(only(oid.policies, critical(sequence(sequence(encodeObjectIdentifier('1.2.3.5')))))),
    verdict: 'unknown-critical-extension',
    openssl: { clause: '4.2: what cannot be processed is refused; policies are not processed here' },
    at: 0,
  },
  {
    what: 'certificate policies',
    chain: () => withLeaf(only(oid.policies, plain(sequence(sequence(encodeObjectIdentifier('1.2.3.5')))))),
    verdict: 'accepted',
  },
  {
    what: 'a leaf for clients only',
    chain: () => withLeaf(only(oid.purposes, plain(extensionValue.purposes(purpose.client)))),
    verdict: 'wrong-purpose',
    at: 0,
  },
  {
    what: 'a leaf for any purpose',
    chain: () => withLeaf(only(oid.purposes, plain(extensionValue.purposes(purpose.any)))),
    verdict: 'wrong-purpose',
    at: 0,
  },
  {
    what: 'a leaf without extended key usage',
    chain: () => withLeaf(only(oid.purposes, null)),
    verdict: 'wrong-purpose',
    openssl: { clause: '4.2.1.12: an application may require that it is there' },
    at: 0,
  },
  {
    what: 'an intermediate for clients only',
    chain: () => withMiddle(only(oid.purposes, plain(extensionValue.purposes(purpose.client)))),
    verdict: 'wrong-purpose',
    at: 1,
  },
  {
    what: 'an intermediate for servers',
    chain: () => withMiddle(only(oid.purposes, plain(extensionValue.purposes(purpose.server)))),
    verdict: 'accepted',
  },
  {
    what: 'an intermediate for any purpose',
    chain: () => withMiddle(only(oid.purposes, plain(extensionValue.purposes(purpose.any)))),
    verdict: 'accepted',
    openssl: { clause: '4.2.1.12: anyExtendedKeyUsage restricts nothing' },
  },
  {
    what: 'an anchor for clients only',
    chain: () => withRoot(only(oid.purposes, plain(extensionValue.purposes(purpose.client)))),
    verdict: 'wrong-purpose',
    at: 2,
  },
  {
    what: 'a leaf that may only encipher keys',
    chain: () => withLeaf(only(oid.keyUsage, critical(extensionValue.keyUsage('keyEncipherment')))),
    verdict: 'wrong-purpose',
    openssl: { clause: '4.2.1.3: TLS 1.3 and its key exchanges sign, which needs digitalSignature' },
    at: 0,
  },
  {
    what: 'a leaf that is a CA',
    chain: () => withLeaf(only(oid.basicConstraints, critical(extensionValue.basicConstraints(true)))),
    verdict: 'leaf-is-ca',
    openssl: { clause: '6.1 lets it pass; CA keys are for signing certificates here' },
    at: 0,
  },
  {
    what: 'a leaf with keyCertSign',
    chain: () => withLeaf(only(oid.keyUsage, critical(extensionValue.keyUsage('digitalSignature', 'keyCertSign')))),
    verdict: 'leaf-is-ca',
    at: 0,
  },
  {
    what: 'RSA of 1024 bits: leaf',
    chain: () => withLeaf({ keys: keyOf('weak', weakRsa) }),
    verdict: 'weak-key',
    at: 0,
  },
  {
    what: 'RSA of 1024 bits: intermediate',
    chain: () => withMiddle({ keys: keyOf('weak', weakRsa) }),
    verdict: 'weak-key',
    at: 1,
  },
  { what: 'the anchor as a leaf', chain: () => ({ leaf: root, anchors: [root] }), verdict: 'leaf-is-ca', at: 0 },
  {
    what: 'a self-signed end entity as an anchor',
    chain: () => {
      const self = makeLeaf({ issuer: { name: makeCa({ name: 'Self' }).name, keys: keyOf('Self') }, name: 'Self' });
      return { leaf: self, anchors: [self] };
    },
    verdict: 'not-a-ca',
    openssl: { clause: '6.1.1 (d): anchors issue certificates; pinned ones stand for themselves' },
    at: 1,
  },
  {
    what: 'a leaf with an alternative name in a form that is not read',
    chain: () => withLeaf({ names: [generalName.registeredId('1.2.3'), generalName.dns('chat.example')] }),
    verdict: 'accepted',
  },
];
