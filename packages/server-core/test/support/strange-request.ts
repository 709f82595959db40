/** A certificate request with a valid signature and a name of control characters. */
import { generateKeyPairSync, sign } from 'node:crypto';

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

export function strangeRequest(nameLength: number): string {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const commonName = der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.alloc(nameLength, 1)));
  const info = der(
    0x30,
    Buffer.from('020100', 'hex'),
    der(0x30, der(0x31, commonName)),
    publicKey.export({ type: 'spki', format: 'der' }),
    Buffer.from('a000', 'hex'),
  );
  const algorithm = Buffer.from('300a06082a8648ce3d040302', 'hex');
  const request = der(0x30, info, algorithm, der(3, Buffer.from([0]), sign('sha256', info, privateKey)));
  const lines = request.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`;
}
