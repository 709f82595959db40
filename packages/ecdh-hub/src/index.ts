export { clientCreateKeys, getKeyFromHub } from './client.ts';
export { decodeEnvelope, type Envelope, encodeEnvelope } from './envelope.ts';
export { HubError, type HubErrorCode } from './error.ts';
export { type ExchangeOptions, hubExchange, sendKeyToClient } from './exchange.ts';
export type { KeyPair } from './key-pair.ts';
export type { RandomBytes } from './random.ts';
export type { Suite } from './suite.ts';
