/** The fields of payloads, for tests that change them. */
import { decodePayload } from '@chat/protocol';

/** Returns the fields of a payload. */
export const fieldsOf = (payload: Uint8Array): ReturnType<typeof JSON.parse> => decodePayload(payload);
