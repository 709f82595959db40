/** Object identifiers as the content of their DER encoding, in hexadecimal. */

/** 1.2.840.10045.2.1 (RFC 5480) */
export const ecPublicKey = '2a8648ce3d0201';
/** 1.3.132.0.34 (RFC 5480) */
export const secp384r1 = '2b81040022';
/** 1.2.840.113549.1.5.13 (RFC 8018) */
export const pbes2 = '2a864886f70d01050d';
/** 1.2.840.113549.1.5.12 (RFC 8018) */
export const pbkdf2 = '2a864886f70d01050c';
/** 1.3.6.1.4.1.11591.4.11 (RFC 7914) */
export const scrypt = '2b06010401da47040b';
/** 1.2.840.113549.2.* (RFC 8018) */
export const hmacWithSha1 = '2a864886f70d0207';
export const hmacWithSha256 = '2a864886f70d0209';
export const hmacWithSha384 = '2a864886f70d020a';
export const hmacWithSha512 = '2a864886f70d020b';
/** 2.16.840.1.101.3.4.1.* (NIST) */
export const aes128Cbc = '608648016503040102';
export const aes192Cbc = '608648016503040116';
export const aes256Cbc = '60864801650304012a';
