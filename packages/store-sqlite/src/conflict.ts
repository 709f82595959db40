/** The worker's form of the port's `StoreConflict`: the port's package is not loaded in the worker. */
import type { StoreConflict } from '@chat/server-core';

export class Conflict extends Error {
  readonly code: StoreConflict['code'];

  constructor(code: StoreConflict['code'], message: string) {
    super(message);
    this.code = code;
  }
}
