/** A request in the form that the fixed layout of `append` holds. */
export const append = {
  id: 7,
  op: 'append',
  room: 'ab'.repeat(32),
  cid: 'cd'.repeat(16),
  entry: { type: 'leave', payload: Uint8Array.of(1, 2), by: 'ef'.repeat(32), signature: Uint8Array.of(3) },
} as const;
