/** Published test vectors for both backends. */
import { describe, expect, test } from 'vitest';
import type { CurveSuite } from '../../src/suite.ts';
import { backends, hex, toHex } from '../support/setting.ts';

/** RFC 5869, appendices A.1 to A.3. */
const hkdfVectors = [
  {
    secret: '0b'.repeat(22),
    salt: '000102030405060708090a0b0c',
    info: 'f0f1f2f3f4f5f6f7f8f9',
    output: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  },
  {
    secret: toHex(Uint8Array.from({ length: 80 }, (_, i) => i)),
    salt: toHex(Uint8Array.from({ length: 80 }, (_, i) => 0x60 + i)),
    info: toHex(Uint8Array.from({ length: 80 }, (_, i) => 0xb0 + i)),
    output: `b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c
             59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71
             cc30c58179ec3e87c14c01d5c1f3434f1d87`,
  },
  {
    secret: '0b'.repeat(22),
    salt: '',
    info: '',
    output: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  },
];

interface AgreementVector {
  readonly source: string;
  readonly suite: CurveSuite;
  readonly privateKey: string;
  readonly publicKey: string;
  readonly peer: string;
  readonly secret: string;
}

const agreementVectors: AgreementVector[] = [
  {
    source: 'RFC 5903, section 8.1',
    suite: 'P-256',
    privateKey: 'c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433',
    publicKey: `04 dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180
                   5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3`,
    peer: `04 d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63
              56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab`,
    secret: 'd6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de',
  },
  {
    source: 'RFC 5903, section 8.2',
    suite: 'P-384',
    privateKey: '099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655e35b538041e649ee3faef896783ab194',
    publicKey: `04 667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6de3ac808acb4bdb4c88732aee95f41aa
                   9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38eeb9fcff3c2c947dae69b4c634573a81c`,
    peer: `04 e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d0d1ac43a0336def96fda41d0774a3571
              dcfbec7aacf3196472169e838430367f66eebe3c6e70c416dd5f0c68759dd1fff83fa40142209dff5eaad96db9e6386c`,
    secret: '11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4d603135569b9e9d09cf5d4a270f59746',
  },
  {
    source: 'RFC 7748, section 6.1',
    suite: 'X25519',
    privateKey: '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a',
    publicKey: '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    peer: 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
    secret: '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
  },
];

/** RFC 7748, section 5.2: scalars that need clamping, and a peer whose top bit is set and must be ignored. */
const scalarMultiplications = [
  {
    scalar: 'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
    point: 'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
    result: 'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
  },
  {
    scalar: '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
    point: 'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
    result: '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
  },
];

describe.each(backends)('%s backend', (_, backend) => {
  test.each(hkdfVectors)('HKDF-SHA-256 matches RFC 5869: $info', ({ secret, salt, info, output }) => {
    const expected = hex(output);
    expect(backend.hkdf(hex(secret), { salt: hex(salt), info: hex(info), length: expected.length })).toEqual(expected);
  });

  test.each(agreementVectors)('$suite matches $source', ({ suite, privateKey, publicKey, peer, secret }) => {
    const agreement = backend.agreements[suite];
    expect(agreement.derive(hex(privateKey)).publicKey).toEqual(hex(publicKey));
    expect(agreement.derive(hex(privateKey)).agree(hex(peer))).toEqual(hex(secret));
    expect(agreement.load(hex(privateKey), hex(publicKey)).agree(hex(peer))).toEqual(hex(secret));
  });

  test.each(scalarMultiplications)('X25519 matches RFC 7748, section 5.2: $scalar', ({ scalar, point, result }) => {
    expect(backend.agreements.X25519.derive(hex(scalar)).agree(hex(point))).toEqual(hex(result));
  });

  /** McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test case 4. */
  test('AES-128-GCM matches its published test case', () => {
    const key = hex('feffe9928665731c6d6a8f9467308308');
    const iv = hex('cafebabefacedbaddecaf888');
    const associatedData = hex('feedfacedeadbeeffeedfacedeadbeefabaddad2');
    const plaintext = hex(`d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
                           1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39`);
    const sealed = hex(`42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e
                        21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091 5bc94fbc3221a5db94fae95ae7121a47`);
    expect(backend.seal({ key, iv, associatedData }, plaintext)).toEqual(sealed);
    expect(backend.open({ key, iv, associatedData }, sealed)).toEqual(plaintext);
    expect(backend.open({ key, iv, associatedData: new Uint8Array(20) }, sealed)).toBeNull();
  });

  /** The same, test case 16. */
  test('AES-256-GCM matches its published test case', () => {
    const key = hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308');
    const iv = hex('cafebabefacedbaddecaf888');
    const associatedData = hex('feedfacedeadbeeffeedfacedeadbeefabaddad2');
    const plaintext = hex(`d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
                           1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39`);
    const sealed = hex(`522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
                        8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662 76fc6ece0f4e1768cddf8853bb2d551b`);
    expect(backend.seal({ key, iv, associatedData }, plaintext)).toEqual(sealed);
    expect(backend.open({ key, iv, associatedData }, sealed)).toEqual(plaintext);
    expect(backend.open({ key, iv, associatedData: new Uint8Array(20) }, sealed)).toBeNull();
  });
});
