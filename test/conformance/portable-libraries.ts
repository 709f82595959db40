/** The libraries that run in browsers too, by the names that they are published under, without the scope. */
import { ecdhHub } from './ecdh-hub.ts';
import { fernet } from './fernet.ts';
import { signatures } from './signatures.ts';

export const portableLibraries = { fernet, signatures, 'ecdh-hub': ecdhHub };
