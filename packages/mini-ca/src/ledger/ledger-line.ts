/**
 * A record as one line of text: a hash, a space, JSON. Each hash covers the one before it, so that a line that was changed,
 * taken out or put in is noticed at the next opening.
 */
import { CaError } from '../errors.ts';
import { sha256Hex } from '../keys/digest.ts';
import type { LedgerRecord } from './ledger.ts';

/** The hash before the first line. */
export const initialHash = sha256Hex('mini-ca ledger 1');

function hashAfter(previous: string, json: string): string {
  return sha256Hex(`${previous} ${json}`);
}

export function encodeLine(previous: string, record: LedgerRecord): { line: string; hash: string } {
  const json = JSON.stringify(record);
  const hash = hashAfter(previous, json);
  return { line: `${hash} ${json}\n`, hash };
}

/**
 * @param line without its line break
 * @param place of the line, from 1, for the message
 * @throws CaError `ledger-damaged`
 */
export function decodeLine(previous: string, line: string, place: number): { record: LedgerRecord; hash: string } {
  const [hash = '', json = ''] = [line.slice(0, initialHash.length), line.slice(initialHash.length + 1)];
  if (line[initialHash.length] !== ' ' || hash !== hashAfter(previous, json)) {
    throw new CaError(
      'ledger-damaged',
      `line ${place} is not as it was written: restore the file from a backup before issuing anything more`,
    );
  }
  // The hash says that this is what was written here.
  return { record: JSON.parse(json), hash };
}
