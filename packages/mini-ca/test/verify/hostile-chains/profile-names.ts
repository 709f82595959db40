/** Chains whose names, purposes, keys or depth get another verdict under another profile. */
import { generateKeyPairSync } from 'node:crypto';
import { sequence } from '../../../src/der/der-writer.ts';
import { createKeyPair, type KeyPair } from '../../../src/index.ts';
import { encodeName } from '../../../src/x509/names/distinguished-name.ts';
import {
  critical,
  extensionValue,
  generalName,
  keyOf,
  makeCa,
  nameConstraints,
  oid,
  type Parts,
  plain,
  purpose,
} from './certificate-builder.ts';
import { accepted, form, leafOf, onlyHere, replaced, rows, withLeaf } from './profile-rows.ts';
import { type Chain, middle, type Row } from './row.ts';

const serverAndAny = plain(extensionValue.purposes(purpose.server, purpose.any));
const hosts = (...names: string[]) => sequence(...names.map(generalName.dns));
const permitted = (name: string) => nameConstraints({ permitted: [generalName.dns(name)] });
function ofKeys(make: () => KeyPair): () => Chain {
  return () => withLeaf({ keys: make() });
}

const oddRsa = () => generateKeyPairSync('rsa', { modulusLength: 2052 });
/** Joins the attributes of two names. */
const concat = (a: Uint8Array, b: Uint8Array) => sequence(a.subarray(2), b.subarray(2));
const named = (name: string | Uint8Array, names: Uint8Array): Parts => ({
  name,
  extensions: { [oid.alternativeNames]: plain(names) },
});

const namesAndConstraints: Row[] = [
  ...rows(
    'name constraints that are not critical',
    [accepted, form, accepted],
    replaced.middle(oid.nameConstraints, plain(permitted('chat.example'))),
  ),
  ...rows(
    'critical name constraints',
    [accepted, accepted, accepted],
    replaced.middle(oid.nameConstraints, critical(permitted('chat.example'))),
  ),
  ...rows('name constraints with a leading dot', [accepted, form, form], () => ({
    ...replaced.root(oid.nameConstraints, critical(permitted('.chat.example')))(),
    leaf: leafOf(middle, { name: 'a.chat.example', names: [generalName.dns('a.chat.example')] }),
  })),
  ...rows(
    'name constraints in a leaf',
    [accepted, form, form],
    replaced.leaf(oid.nameConstraints, critical(permitted('chat.example'))),
  ),
  ...rows('no subject, and alternative names that are not critical', [accepted, form, form], () =>
    withLeaf({ name: sequence(), extensions: { [oid.alternativeNames]: plain(hosts('chat.example')) } }),
  ),
  ...rows('no subject, and critical alternative names', [accepted, accepted, accepted], () =>
    withLeaf({ name: sequence(), extensions: { [oid.alternativeNames]: critical(hosts('chat.example')) } }),
  ),
  ...rows('critical alternative names of a named subject', [accepted, accepted, form], () => {
    const parts = named('chat.example', hosts('chat.example'));
    return withLeaf({ ...parts, extensions: { [oid.alternativeNames]: critical(hosts('chat.example')) } });
  }),
  ...rows('no alternative names', [accepted, accepted, form], replaced.leaf(oid.alternativeNames, null)),
  ...rows('a common name that is no alternative name', [accepted, accepted, form], () =>
    withLeaf(named('bank.example', hosts('chat.example'))),
  ),
  ...rows('two common names, both of them alternative names', [accepted, accepted, form], () => {
    const twice = concat(encodeName({ commonName: 'chat.example' }), encodeName({ commonName: 'a.chat.example' }));
    return withLeaf(named(twice, hosts('chat.example', 'a.chat.example')));
  }),
  ...rows('a subject without a common name', [accepted, accepted, accepted], () =>
    withLeaf(named(encodeName({ organization: 'Example' }), hosts('chat.example'))),
  ),
  ...rows('a mail constraint with two @', ['malformed', 'malformed', 'malformed'], () =>
    replaced.middle(
      oid.nameConstraints,
      critical(nameConstraints({ excluded: [generalName.email('a@b@c.example')] })),
    )(),
  ),
  ...rows('a common name in another case', [accepted, accepted, form], () =>
    withLeaf(named('Chat.example', hosts('chat.example'))),
  ),
  ...rows('a host name with an underscore', [accepted, 'wrong-name', 'wrong-name'], () => ({
    ...withLeaf(named('a_b.example', hosts('a_b.example'))),
    name: 'a_b.example',
  })),
];

const purposesAndKeys: Row[] = [
  ...rows(
    'leaf without an extended key usage',
    ['wrong-purpose', accepted, 'wrong-purpose'],
    replaced.leaf(oid.purposes, null),
  ),
  ...rows(
    'leaf for any purpose alone',
    ['wrong-purpose', accepted, 'wrong-purpose'],
    replaced.leaf(oid.purposes, plain(extensionValue.purposes(purpose.any))),
  ),
  ...rows(
    'leaf for servers and for any purpose',
    [accepted, accepted, form],
    replaced.leaf(oid.purposes, serverAndAny),
  ),
  ...rows(
    'leaf for clients',
    ['wrong-purpose', 'wrong-purpose', 'wrong-purpose'],
    replaced.leaf(oid.purposes, plain(extensionValue.purposes(purpose.client))),
  ),
  ...rows(
    'a critical extended key usage',
    [accepted, accepted, form],
    replaced.leaf(oid.purposes, critical(extensionValue.purposes(purpose.server))),
  ),
  ...rows(
    'leaf for servers and for mail',
    [accepted, accepted, form],
    replaced.leaf(oid.purposes, plain(extensionValue.purposes(purpose.server, '1.3.6.1.5.5.7.3.4'))),
  ),
  ...rows(
    'root with an extended key usage',
    [accepted, accepted, form],
    replaced.root(oid.purposes, plain(extensionValue.purposes(purpose.server))),
  ),
  ...rows(
    'a key that establishes keys and does not sign',
    ['wrong-purpose', accepted, 'wrong-purpose'],
    replaced.leaf(oid.keyUsage, critical(extensionValue.keyUsage('keyAgreement'))),
  ),
  ...rows(
    'an Ed25519 key',
    [accepted, accepted, 'unsupported-algorithm'],
    ofKeys(() => createKeyPair('ed25519')),
  ),
  ...rows(
    'an RSA modulus of 2052 bits',
    [accepted, accepted, form],
    ofKeys(() => keyOf('odd RSA', oddRsa)),
  ),
];

/** Root, then as many CAs as `count`, then a leaf, with the largest number of intermediates allowed. */
function deep(count: number, maxIntermediates: number, issued: 'by others' | 'by itself' = 'by others'): Chain {
  const top = makeCa({ name: 'Deep' });
  const cas = [top];
  for (let i = 1; i <= count; i++) {
    const issuer = cas[0] ?? top;
    const name = issued === 'by itself' ? 'Deep' : `Deep ${i}`;
    cas.unshift(makeCa({ name, issuer, keys: keyOf(`Deep key ${i}`) }));
  }
  return {
    leaf: leafOf(cas[0] ?? top),
    anchors: [top],
    intermediates: cas.slice(0, -1),
    options: { maxIntermediates },
  };
}

const depths: Row[] = [
  { what: 'depth 0, no intermediate', chain: () => deep(0, 0), verdict: accepted, onlyHere },
  { what: 'depth 0, one intermediate', chain: () => deep(1, 0), verdict: 'path-too-long', onlyHere },
  { what: 'depth 1, one intermediate', chain: () => deep(1, 1), verdict: accepted, onlyHere },
  { what: 'depth 1, two intermediates', chain: () => deep(2, 1), verdict: 'path-too-long', onlyHere },
  { what: 'depth 0, one self-issued intermediate', chain: () => deep(1, 0, 'by itself'), verdict: accepted, onlyHere },
];

/** The rows of this file. */
export const profileNames: Row[] = [...namesAndConstraints, ...purposesAndKeys, ...depths];
