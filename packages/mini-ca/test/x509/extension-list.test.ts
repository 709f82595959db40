import { thrownCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { DerReader } from '../../src/der/der-reader.ts';
import { derTag, derValue, sequence } from '../../src/der/der-writer.ts';
import { encodeObjectIdentifier } from '../../src/der/object-identifier.ts';
import { encodeExtension, readExtensionList } from '../../src/x509/extension-list.ts';

const value = Uint8Array.of(5, 0);
const [critical, plain] = [
  { oid: '1.2.3.4', critical: true, value },
  { oid: '2.5.29.19', critical: false, value },
];

function read(...extensions: Uint8Array[]) {
  return readExtensionList(new DerReader(sequence(...extensions), 'list').fields(derTag.sequence));
}

test('readExtensionList reads what encodeExtension writes', () => {
  const found = read(encodeExtension(critical), encodeExtension(plain));
  expect(found.map((extension) => ({ ...extension, value: new Uint8Array(extension.value) }))).toEqual([
    critical,
    plain,
  ]);
});

test.each<[string, string, Uint8Array[]]>([
  ['none', 'malformed', []],
  ['one twice', 'duplicate-extension', [encodeExtension(plain), encodeExtension({ ...plain, critical: true })]],
  [
    'a default written out',
    'not-canonical',
    [
      sequence(
        encodeObjectIdentifier('1.2.3'),
        derValue(derTag.boolean, Uint8Array.of(0)),
        derValue(derTag.octetString, value),
      ),
    ],
  ],
  ['no value', 'malformed', [sequence(encodeObjectIdentifier('1.2.3'))]],
  [
    'more than there should be',
    'malformed',
    [sequence(encodeObjectIdentifier('1.2.3'), derValue(derTag.octetString), derValue(derTag.null))],
  ],
  [
    'a value that is no string of bytes',
    'malformed',
    [sequence(encodeObjectIdentifier('1.2.3'), derValue(derTag.null))],
  ],
  ['too many', 'malformed', Array.from({ length: 65 }, (_, i) => encodeExtension({ ...plain, oid: `1.2.${i}` }))],
])('readExtensionList refuses %s with %s', (_, code, extensions) => {
  expect(thrownCode(() => read(...extensions))).toBe(code);
});
