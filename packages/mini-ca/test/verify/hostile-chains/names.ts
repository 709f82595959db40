/** Chains in which a CA certifies names that one above it may not have certified (RFC 5280 section 4.2.1.10). */
import { derTag, derValue, sequence } from '../../../src/der/der-writer.ts';
import { encodeObjectIdentifier } from '../../../src/der/object-identifier.ts';
import { encodeName } from '../../../src/x509/names/distinguished-name.ts';
import {
  critical,
  generalName,
  keyOf,
  makeCa,
  makeLeaf,
  nameConstraints,
  oid,
  type Parts,
  plain,
} from './certificate-builder.ts';
import { type Chain, type Row, root, three } from './row.ts';

const { dns, ip, email, uri, directory, registeredId } = generalName;

interface Trees {
  permitted?: Uint8Array[];
  excluded?: Uint8Array[];
}

/** A leaf with these names under a CA with these constraints. */
function under(trees: Trees, names: Uint8Array[], parts: Parts = {}): Chain {
  const extensions = { [oid.nameConstraints]: critical(nameConstraints(trees)) };
  const ca = makeCa({ name: 'Constrained', issuer: root, extensions });
  return three({ leaf: makeLeaf({ issuer: ca, names, ...parts }), intermediates: [ca] });
}

/** The same two CAs below each other, the upper constraints first. */
function underBoth(upper: Trees, lower: Trees, names: Uint8Array[]): Chain {
  const constrained = (trees: Trees) => ({ [oid.nameConstraints]: critical(nameConstraints(trees)) });
  const first = makeCa({ name: 'Upper', issuer: root, extensions: constrained(upper) });
  const second = makeCa({ name: 'Lower', issuer: first, extensions: constrained(lower) });
  return three({ leaf: makeLeaf({ issuer: second, names }), intermediates: [second, first] });
}

function row(what: string, verdict: string, chain: () => Chain, more: Partial<Row> = {}): Row {
  return { what, chain, verdict, ...(verdict === 'name-not-permitted' && { at: 0 }), ...more };
}

const refused = 'name-not-permitted';
const net10 = ip(10, 0, 0, 0, 255, 0, 0, 0);
const docs6 = ip(
  0x20,
  0x01,
  0x0d,
  0xb8,
  ...Array<number>(12).fill(0),
  0xff,
  0xff,
  0xff,
  0xff,
  ...Array<number>(12).fill(0),
);
const example = { commonName: 'leaf', organization: 'Example' };
const other = { commonName: 'leaf', organization: 'Other' };
const exampleTree = directory(encodeName({ organization: 'Example' }));
const [inside, outside] = [encodeName(example), encodeName(other)];
const chat = dns('chat.example');

/** An old-style mail address in the subject. */
const withMail = sequence(
  derValue(
    derTag.set,
    sequence(encodeObjectIdentifier('1.2.840.113549.1.9.1'), derValue(0x16, Buffer.from('a@other.example'))),
  ),
);

export const names: Row[] = [
  row('DNS: permitted', 'accepted', () => under({ permitted: [dns('example')] }, [chat])),
  row('DNS: the very name', 'accepted', () => under({ permitted: [dns('chat.example')] }, [chat])),
  row('DNS: not permitted', refused, () => under({ permitted: [dns('other.example')] }, [chat])),
  row('DNS: one of two not permitted', refused, () =>
    under({ permitted: [dns('chat.example')] }, [chat, dns('evil.example')]),
  ),
  row('DNS: the end of a label is no subdomain', refused, () => under({ permitted: [dns('at.example')] }, [chat])),
  row('DNS: in another case', 'accepted', () => under({ permitted: [dns('EXAMPLE')] }, [dns('Chat.Example')])),
  row('DNS: excluded', refused, () => under({ excluded: [dns('example')] }, [chat])),
  row('DNS: permitted and excluded below', refused, () =>
    under({ permitted: [dns('example')], excluded: [dns('chat.example')] }, [chat]),
  ),
  row('DNS: every name excluded', refused, () => under({ excluded: [dns('')] }, [chat])),
  row('DNS: a wildcard within', 'accepted', () => under({ permitted: [dns('chat.example')] }, [dns('*.chat.example')])),
  row(
    'DNS: a wildcard that has an excluded name',
    refused,
    () => under({ excluded: [dns('secret.chat.example')] }, [dns('*.chat.example')]),
    {
      openssl: { clause: '6.1.3 (c): a wildcard stands for every name in its place, the excluded one too' },
    },
  ),
  row('DNS: a name that only ends like a wildcard of an excluded name', 'accepted', () =>
    under({ excluded: [dns('a.chat.example')] }, [dns('xxchat.example')]),
  ),
  row('DNS: no name of a constrained form', 'accepted', () =>
    under({ permitted: [dns('other.example')] }, [uri('https://a.example/')]),
  ),
  row('IPv4: permitted', 'accepted', () => under({ permitted: [net10] }, [ip(10, 1, 2, 3)])),
  row('IPv4: not permitted', refused, () => under({ permitted: [net10] }, [ip(11, 1, 2, 3)])),
  row('IPv4: excluded', refused, () => under({ excluded: [net10] }, [ip(10, 1, 2, 3)])),
  row('IPv6: permitted', 'accepted', () =>
    under({ permitted: [docs6] }, [ip(0x20, 0x01, 0x0d, 0xb8, ...Array<number>(12).fill(9))]),
  ),
  row('IPv6: not permitted', refused, () =>
    under({ permitted: [docs6] }, [ip(0x20, 0x01, 0x0d, 0xb9, ...Array<number>(12).fill(9))]),
  ),
  row('IPv6 where only IPv4 is permitted', refused, () =>
    under({ permitted: [net10] }, [ip(...Array<number>(15).fill(0), 1)]),
  ),
  row('IPv6 that begins with the bytes of a permitted IPv4', refused, () =>
    under({ permitted: [net10] }, [ip(10, ...Array<number>(15).fill(0))]),
  ),
  row(
    'IP: a mask with holes',
    'malformed',
    () => under({ permitted: [ip(10, 0, 0, 0, 255, 0, 255, 0)] }, [ip(10, 1, 0, 3)]),
    {
      openssl: { clause: '4.2.1.10: in the style of RFC 4632, which has prefixes only' },
    },
  ),
  row('mail: at the host', 'accepted', () =>
    under({ permitted: [email('chat.example')] }, [chat, email('a@Chat.Example')]),
  ),
  row('mail: below the host only', refused, () =>
    under({ permitted: [email('.chat.example')] }, [chat, email('a@chat.example')]),
  ),
  row('mail: at a host below', 'accepted', () =>
    under({ permitted: [email('.example')] }, [chat, email('a@chat.example')]),
  ),
  row('mail: below the host', refused, () =>
    under({ permitted: [email('chat.example')] }, [chat, email('a@x.chat.example')]),
  ),
  row('mail: another host', refused, () =>
    under({ permitted: [email('chat.example')] }, [chat, email('a@evil.example')]),
  ),
  row('mail: one mailbox', 'accepted', () =>
    under({ permitted: [email('a@chat.example')] }, [chat, email('a@chat.example')]),
  ),
  row('mail: another mailbox', refused, () =>
    under({ permitted: [email('a@chat.example')] }, [chat, email('b@chat.example')]),
  ),
  row('mail: excluded', refused, () => under({ excluded: [email('chat.example')] }, [chat, email('a@chat.example')])),
  row('mail: in the subject', refused, () => under({ permitted: [email('chat.example')] }, [chat], { name: withMail })),
  row('URI: the host', 'accepted', () =>
    under({ permitted: [uri('chat.example')] }, [chat, uri('https://chat.example:8/x')]),
  ),
  row(
    'URI: the host behind a user name',
    'accepted',
    () => under({ permitted: [uri('chat.example')] }, [chat, uri('https://user:x@chat.example/x')]),
    { openssl: { clause: '4.2.1.10: the host part, which RFC 3986 has behind the user', until: '3.0.22' } },
  ),
  row('URI: below the host', refused, () =>
    under({ permitted: [uri('chat.example')] }, [chat, uri('https://x.chat.example/')]),
  ),
  row('URI: another host', refused, () =>
    under({ permitted: [uri('chat.example')] }, [chat, uri('https://evil.example/chat.example')]),
  ),
  row('URI: another host behind a user name', refused, () =>
    under({ permitted: [uri('chat.example')] }, [chat, uri('https://chat.example@evil.example/')]),
  ),
  row('URI: excluded below a domain', refused, () =>
    under({ excluded: [uri('.example')] }, [chat, uri('https://chat.example/')]),
  ),
  row('URI: a host that is not its own', refused, () =>
    under({ permitted: [uri('chat.example')] }, [chat, uri('urn:https://chat.example/')]),
  ),
  row('URI: without a host, under constraints of another form', 'accepted', () =>
    under({ permitted: [dns('example')] }, [chat, uri('urn:chat')]),
  ),
  row('URI: without a host', refused, () => under({ permitted: [uri('chat.example')] }, [chat, uri('urn:chat')])),
  row(
    'URI: an address for a host',
    refused,
    () => under({ excluded: [uri('chat.example')] }, [chat, uri('https://10.0.0.1/')]),
    { openssl: { clause: '4.2.1.10: a URI whose host is no name is refused under such constraints' } },
  ),
  row('directory: permitted', 'accepted', () => under({ permitted: [exampleTree] }, [chat], { name: inside })),
  row('directory: not permitted', refused, () => under({ permitted: [exampleTree] }, [chat], { name: outside })),
  row('directory: no subject', 'accepted', () =>
    under({ permitted: [exampleTree] }, [chat], {
      name: sequence(),
      extensions: { [oid.alternativeNames]: critical(sequence(chat)) },
    }),
  ),
  row('directory: excluded', refused, () => under({ excluded: [exampleTree] }, [chat], { name: inside })),
  row('directory: excluded, in another case', refused, () =>
    under({ excluded: [exampleTree] }, [chat], { name: encodeName({ ...example, organization: 'eXaMPLE ' }) }),
  ),
  row('directory: among the alternative names', refused, () =>
    under({ permitted: [exampleTree] }, [chat, directory(outside)], { name: inside }),
  ),
  row('a form that is not processed, constrained and used', refused, () =>
    under({ permitted: [registeredId('1.2.3')] }, [chat, registeredId('1.2.3.4')]),
  ),
  row('a form that is not processed, excluded and used', refused, () =>
    under({ excluded: [registeredId('1.2.3')] }, [chat, registeredId('1.2.4')]),
  ),
  row('a form that is not processed, under constraints of another form', 'accepted', () =>
    under({ permitted: [dns('example')] }, [chat, registeredId('1.2.3')]),
  ),
  row(
    'a host name that cannot be read, under constraints of host names',
    refused,
    () => under({ permitted: [dns('example')] }, [chat, dns('ch\u00e4t.example')]),
    { openssl: { clause: '4.2.1.6: a host name is ASCII' } },
  ),
  row('the same, not used', 'accepted', () => under({ permitted: [registeredId('1.2.3')] }, [chat])),
  row('two sets: within both', 'accepted', () =>
    underBoth({ permitted: [dns('example')] }, { permitted: [dns('chat.example')] }, [chat]),
  ),
  row('two sets: only within the lower', refused, () =>
    underBoth({ permitted: [dns('a.example')] }, { permitted: [dns('chat.example')] }, [chat]),
  ),
  row('two sets: only within the upper', refused, () =>
    underBoth({ permitted: [dns('example')] }, { permitted: [dns('a.example')] }, [chat]),
  ),
  row('two sets: excluded above, permitted below', refused, () =>
    underBoth({ excluded: [dns('chat.example')] }, { permitted: [dns('chat.example')] }, [chat]),
  ),
  row(
    'an intermediate outside of the constraints',
    refused,
    () => {
      const ca = makeCa({
        name: 'Bound',
        issuer: root,
        extensions: { [oid.nameConstraints]: critical(nameConstraints({ permitted: [exampleTree] })) },
      });
      const below = makeCa({ name: outside, keys: keyOf('below'), issuer: ca });
      return three({ leaf: makeLeaf({ issuer: below, name: inside }), intermediates: [below, ca] });
    },
    { at: 1 },
  ),
  row('a self-issued intermediate outside of them', 'accepted', () => {
    const ca = makeCa({
      name: 'Bound',
      issuer: root,
      extensions: { [oid.nameConstraints]: critical(nameConstraints({ permitted: [exampleTree] })) },
    });
    const again = makeCa({ name: 'Bound', keys: keyOf('Bound’s new key'), issuer: ca });
    return three({ leaf: makeLeaf({ issuer: again, name: inside }), intermediates: [again, ca] });
  }),
  row('a self-issued leaf outside of them', refused, () => {
    const extensions = { [oid.nameConstraints]: critical(nameConstraints({ permitted: [dns('other.example')] })) };
    const ca = makeCa({ name: 'Constrained', issuer: root, extensions });
    const leaf = makeLeaf({ name: 'Constrained', keys: keyOf('self-issued leaf'), issuer: ca, names: [chat] });
    return three({ leaf, intermediates: [ca] });
  }),
  row('constraints of the anchor itself', refused, () => {
    const anchor = makeCa({
      name: 'Root',
      extensions: { [oid.nameConstraints]: critical(nameConstraints({ excluded: [dns('example')] })) },
    });
    return three({ anchors: [anchor] });
  }),
  row(
    'constraints that are not marked critical',
    refused,
    () => {
      const extensions = { [oid.nameConstraints]: plain(nameConstraints({ excluded: [dns('example')] })) };
      const ca = makeCa({ name: 'Soft', issuer: root, extensions });
      return three({ leaf: makeLeaf({ issuer: ca }), intermediates: [ca] });
    },
    {},
  ),
];
