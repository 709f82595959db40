/** Why a person's access is taken away, by the names that certificates have for it (RFC 5280 section 5.3.1). */
import type { LastingReason } from '@chat/mini-ca';
import { z } from 'zod';

export const revocationReason = z.enum([
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
] satisfies LastingReason[]);
