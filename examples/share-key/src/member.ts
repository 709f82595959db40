/** A member that receives the key from the hub. Only the member's private key opens the envelope. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { clientCreateKeys, getKeyFromHub } from '@chat/ecdh-hub';

const context = new TextEncoder().encode('share-key example, key 1');
const keys = clientCreateKeys();

const socket = connect(Number(process.env['PORT'] ?? 8444), '127.0.0.1');
await once(socket, 'connect');
socket.write(`${Buffer.from(keys.publicKey).toString('hex')}\n`);
const [envelope] = await once(createInterface(socket), 'line');

const key = getKeyFromHub(keys, Buffer.from(String(envelope), 'hex'), context);
console.log(`SHA-256 of the key: ${createHash('sha256').update(key).digest('hex')}`);
