/** What needs a file system: the export `@chat/signatures/node`. */
import { readFileSync } from 'node:fs';
import { encodePem } from './encoding/pem.ts';
import { importVerifier } from './signing/verifier.ts';

/**
 * Reads a P-384 public key in PEM (`PUBLIC KEY`) from a file, checks it, and returns the PEM in its usual form (lines
 * of 64 characters, line feeds).
 *
 * Throws `invalid-public-key` as `importVerifier` does, and Node's own error when the file cannot be read.
 */
export function getPublicKey(path: string): string {
  return encodePem('PUBLIC KEY', importVerifier(readFileSync(path, 'utf8')).publicKey);
}
