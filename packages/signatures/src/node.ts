/**
 * Functions that need a file system.
 *
 * @module @chat/signatures/node
 */
import { readFileSync } from 'node:fs';
import { type CurveOptions, curveOf } from './encoding/curve.ts';
import { encodePem } from './encoding/pem.ts';
import { SignatureError } from './errors.ts';
import { textInput } from './input.ts';
import { importVerifier } from './signing/verifier.ts';

/**
 * Reads a public key in PEM (`PUBLIC KEY`) from a file and checks it.
 *
 * @returns the PEM in its canonical form: lines of 64 characters, line feeds
 * @throws SignatureError `invalid-public-key`, `invalid-argument`; or the error of Node if the file cannot be read
 */
export function getPublicKey(path: string, options: CurveOptions = {}): string {
  if (textInput(path, 'path').includes(0)) {
    throw new SignatureError('invalid-argument', 'the path has a NUL, which no path can have');
  }
  const { name: curve } = curveOf(options);
  return encodePem('PUBLIC KEY', importVerifier(readFileSync(path, 'utf8'), { curve }).publicKey);
}
