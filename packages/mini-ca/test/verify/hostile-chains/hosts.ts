/** Host names that a certificate is for, or not (RFC 9525 section 6.3 and 6.4). */
import { encodeName } from '../../../src/x509/names/distinguished-name.ts';
import { generalName, makeLeaf } from './certificate-builder.ts';
import { middle, type Row, three } from './row.ts';

const { dns, ip } = generalName;
const loopback6 = [...Array<number>(15).fill(0), 1];

function row(names: Uint8Array[], name: string, verdict: string, what: string, more: Partial<Row> = {}): Row {
  const chain = () => three({ leaf: makeLeaf({ issuer: middle, names }), name });
  return { what: `${name}: ${what}`, chain, verdict, ...(verdict === 'wrong-name' && { at: 0 }), ...more };
}

const star = [dns('*.chat.example')];

export const hosts: Row[] = [
  row([dns('chat.example')], 'chat.example', 'accepted', 'the name itself'),
  row([dns('Chat.EXAMPLE')], 'cHAT.example', 'accepted', 'in another case'),
  row([dns('a.example'), dns('chat.example')], 'chat.example', 'accepted', 'the second of two'),
  row([dns('chat.example')], 'www.chat.example', 'wrong-name', 'below the name'),
  row([dns('chat.example')], 'example', 'wrong-name', 'above the name'),
  row(star, 'a.chat.example', 'accepted', 'one label for the wildcard'),
  row(star, 'chat.example', 'wrong-name', 'no label for the wildcard'),
  row(star, 'a.b.chat.example', 'wrong-name', 'two labels for the wildcard'),
  row([dns('*.example')], 'chat.example', 'wrong-name', 'a wildcard over a whole top-level domain'),
  row([dns('c*.chat.example')], 'ca.chat.example', 'wrong-name', 'a wildcard in part of a label', {
    openssl: { clause: 'RFC 9525 section 6.3: a wildcard is the whole label' },
  }),
  row([dns('chat.*.example')], 'chat.a.example', 'wrong-name', 'a wildcard in the middle'),
  row([dns('*')], 'chat', 'wrong-name', 'a wildcard alone'),
  row([ip(192, 0, 2, 1)], '192.0.2.1', 'accepted', 'the address itself'),
  row([ip(192, 0, 2, 1)], '192.0.2.2', 'wrong-name', 'another address'),
  row([ip(...loopback6)], '::1', 'accepted', 'an IPv6 address'),
  row([ip(...loopback6)], '0:0:0:0:0:0:0:1', 'accepted', 'the same, written at length'),
  row([dns('192.0.2.1')], '192.0.2.1', 'wrong-name', 'an address as a host name'),
  row(
    [dns('192.0.2.1'), dns('chat.example:443'), dns('f*.example'), dns('chat.example')],
    'chat.example',
    'accepted',
    'beside names that are not valid',
  ),
  {
    what: 'only the common name',
    chain: () =>
      three({
        leaf: makeLeaf({ issuer: middle, name: encodeName({ commonName: 'chat.example' }), names: [dns('a.example')] }),
        name: 'chat.example',
      }),
    verdict: 'wrong-name',
    at: 0,
  },
  {
    what: 'the common name where there are no alternative names',
    chain: () =>
      three({
        leaf: makeLeaf({
          issuer: middle,
          name: encodeName({ commonName: 'chat.example' }),
          extensions: { '2.5.29.17': null },
        }),
        name: 'chat.example',
      }),
    verdict: 'wrong-name',
    at: 0,
    openssl: { clause: 'RFC 9525 section 2: common names are not looked at' },
  },
];
