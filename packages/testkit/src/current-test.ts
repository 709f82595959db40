/** Whether a resource can be bound to the test that runs now. */
import { TestRunner } from 'vitest';

/** Returns true in a test, unless it is a concurrent one, which cannot be distinguished from the others. */
export function isInTest(): boolean {
  const test = TestRunner.getCurrentTest();
  return test !== undefined && test.concurrent !== true;
}
