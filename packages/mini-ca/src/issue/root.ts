/** `createCA`: creates a root CA. */
import type { KeyObject } from 'node:crypto';
import { type OptionNames, requireDate, requireOptions } from '../arguments.ts';
import { sequence } from '../der/der-writer.ts';
import { CaError } from '../errors.ts';
import { createKeyPair, type KeySize } from '../keys/key-pair.ts';
import { type KeyType, spkiOf } from '../keys/key-policy.ts';
import { encodeExtensions, keyIdentifierOf } from '../x509/extensions.ts';
import { encodeName } from '../x509/names/distinguished-name.ts';
import { randomSerial } from '../x509/serial-number.ts';
import { signingWith } from '../x509/signature-algorithm.ts';
import { signedCertificate } from '../x509/signed-certificate.ts';
import { keyUsageOf, profiles } from './profile.ts';
import { requireNames } from './profile-rules.ts';
import { defaultBackdateMs } from './validity.ts';

/** Options of `createCA`. */
export interface RootOptions {
  /** At most 64 characters. Default: `mini-ca root`. */
  readonly commonName?: string;
  /** The type of the key. Default: `ec`. */
  readonly keyType?: KeyType;
  /** As for `createKeyPair`. Default: P-384 for EC. */
  readonly size?: KeySize;
  /** The validity in whole years. Default: 10. */
  readonly years?: number;
  /** The number of CAs that may be between this CA and a leaf, 0 to 16. Default: 0, so that it signs only leaves. */
  readonly pathLength?: number;
  /** The time of issue. The validity begins 5 minutes before. Default: the time of the system. */
  readonly now?: Date;
}

const optionNames: OptionNames<RootOptions> = {
  commonName: true,
  keyType: true,
  size: true,
  years: true,
  pathLength: true,
  now: true,
};

/**
 * Creates a root CA: a self-signed certificate with CA:TRUE, path length, keyCertSign and cRLSign (RFC 5280 section 4.2.1).
 *
 * @returns the certificate as PEM, and the private key. The key can issue any certificate: store it encrypted, with
 *   `privateKeyToPem(key, password)`
 * @throws CaError `bad-argument`, `bad-name`, `look-alike-name`
 */
export function createCA(options: RootOptions = {}): {
  /** PEM. */
  certificate: string;
  /** The key of the CA. */
  privateKey: KeyObject;
} {
  requireOptions('createCA', options, optionNames);
  const { commonName = 'mini-ca root', keyType = 'ec', years = 10, now = new Date() } = options;
  requireDate('now', now);
  const { pathLength = profiles.root.pathLength ?? 0 } = options;
  if (!Number.isInteger(years) || years < 1)
    throw new CaError('bad-argument', 'years must be a whole number of at least 1');
  if (!Number.isInteger(pathLength) || pathLength < 0 || pathLength > 16) {
    throw new CaError('bad-argument', 'pathLength must be a whole number from 0 to 16');
  }
  const subject = encodeName(requireNames(profiles.root, { commonName }));
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(now.getUTCFullYear() + years);

  const { privateKey, publicKey } = createKeyPair(keyType, options.size ?? (keyType === 'ec' ? 'P-384' : undefined));
  const spki = spkiOf(publicKey);
  const values = {
    isCA: true,
    pathLength,
    keyUsage: keyUsageOf(profiles.root, keyType),
    subjectKeyId: keyIdentifierOf(spki),
  };
  const content = {
    serial: randomSerial(),
    issuer: subject,
    subject,
    notBefore: new Date(now.getTime() - defaultBackdateMs),
    notAfter,
    spki,
    extensions: sequence(...encodeExtensions(values, false)),
  };
  return { certificate: signedCertificate(content, signingWith(privateKey)).certificate, privateKey };
}
