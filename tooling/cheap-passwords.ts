/**
 * Loaded into a program (`node --import`), it derives from a password at next to no cost what new key files derive at the default cost,
 * which takes a third of a second. The files say the default cost all the same, so only programs with this module open them. Key files
 * of another cost stay as they are.
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

interface Cost {
  readonly N?: number;
  readonly r?: number;
  readonly p?: number;
}

const isDefault = ({ N, r, p }: Cost): boolean => N === 2 ** 14 && r === 8 && p === 5;

const { scrypt, scryptSync } = crypto;

/** The arguments of `scrypt` and `scryptSync` until the options, which come fourth. */
function cheaper(args: unknown[]): unknown[] {
  const [password, salt, length, options, ...rest] = args;
  if (typeof options !== 'object' || options === null || !isDefault(options)) return args;
  return [password, salt, length, { ...options, N: 2, p: 1 }, ...rest];
}

crypto.scrypt = ((...args: unknown[]) => Reflect.apply(scrypt, crypto, cheaper(args))) as typeof scrypt;
crypto.scryptSync = ((...args: unknown[]) => Reflect.apply(scryptSync, crypto, cheaper(args))) as typeof scryptSync;
syncBuiltinESMExports();
