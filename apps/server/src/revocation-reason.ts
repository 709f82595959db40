/** Reasons for a revocation, by their names in certificates (RFC 5280, section 5.3.1). */
import type { PermanentRevocationReason } from '@chat/mini-ca';
import { z } from 'zod';

/** Schema of a reason that revokes a certificate for good. */
export const revocationReason = z.enum([
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
] satisfies PermanentRevocationReason[]);
