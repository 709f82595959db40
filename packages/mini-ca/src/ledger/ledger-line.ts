/**
 * Encodes and decodes a record as one line of text: a hash, a space, JSON. Each hash covers the hash of the line before, so that
 * opening the ledger detects lines that were changed, removed or inserted.
 */
import { CaError } from '../errors.ts';
import { sha256Hex } from '../keys/digest.ts';
import type { LedgerRecord } from './ledger.ts';

/** The hash before the first line. */
export const initialHash = sha256Hex('mini-ca ledger 1');

function hashAfter(previous: string, json: string): string {
  return sha256Hex(`${previous} ${json}`);
}

/**
 * Encodes a record.
 *
 * @param previous the hash of the line before
 * @returns the line with its line break, and its hash
 */
export function encodeLine(previous: string, record: LedgerRecord): { line: string; hash: string } {
  const json = JSON.stringify(record);
  const hash = hashAfter(previous, json);
  return { line: `${hash} ${json}\n`, hash };
}

/**
 * Decodes a line and checks its hash.
 *
 * @param previous the hash of the line before
 * @param line without its line break
 * @param lineNumber counted from 1, for the message
 * @throws CaError `ledger-damaged`
 */
export function decodeLine(previous: string, line: string, lineNumber: number): { record: LedgerRecord; hash: string } {
  const [hash = '', json = ''] = [line.slice(0, initialHash.length), line.slice(initialHash.length + 1)];
  if (line[initialHash.length] !== ' ' || hash !== hashAfter(previous, json)) {
    throw new CaError(
      'ledger-damaged',
      `line ${lineNumber} was changed after it was written: restore the file from a backup before issuing again`,
    );
  }
  // The hash proves that `encodeLine` has written this JSON.
  return { record: JSON.parse(json), hash };
}
