/** The libraries that also run in browsers, by their names without the scope. */
import { ecdhHub } from './ecdh-hub.ts';
import { fernet } from './fernet.ts';
import { signatures } from './signatures.ts';

export const portableLibraries = { fernet, signatures, 'ecdh-hub': ecdhHub };
