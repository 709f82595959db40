/** Sizes of AES in CBC mode. */

/** Size of an AES block. */
export const blockBytes = 16;

/** Size of an initialisation vector (IV). */
export const ivBytes = 16;
