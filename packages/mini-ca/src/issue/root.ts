/** `createCA`: a new root, its certificate signed by itself. */
import type { KeyObject } from 'node:crypto';
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

export interface RootOptions {
  /** At most 64 characters; `mini-ca root` by default. */
  readonly commonName?: string;
  /** `ec` by default. */
  readonly keyType?: KeyType;
  /** As for `createKeyPair`; P-384 by default for EC. */
  readonly size?: KeySize;
  /** Whole years of validity; 10 by default. */
  readonly years?: number;
  /** How many CAs may stand between it and a leaf; 0 by default: it signs leaves only. */
  readonly pathLength?: number;
  /** The clock's time by default; validity begins 5 minutes before. */
  readonly now?: Date;
}

/**
 * A new root CA: CA:TRUE with its path length, keyCertSign and cRLSign (RFC 5280 section 4.2.1).
 *
 * @returns the certificate as PEM, and its key, which is the whole of the CA's power: store it with
 *   `privateKeyToPem(key, password)`
 * @throws CaError `bad-argument`, `bad-name`, `look-alike-name`
 */
export function createCA(options: RootOptions = {}): { certificate: string; privateKey: KeyObject } {
  const { commonName = 'mini-ca root', keyType = 'ec', years = 10, now = new Date() } = options;
  const { pathLength = profiles.root.pathLength } = options;
  if (!Number.isInteger(years) || years < 1) throw new CaError('bad-argument', 'years is a whole number from 1 up');
  if (!Number.isInteger(pathLength) || pathLength < 0 || pathLength > 16) {
    throw new CaError('bad-argument', 'pathLength is a whole number from 0 to 16');
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
