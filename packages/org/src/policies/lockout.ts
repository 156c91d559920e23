/** Password Policies: how often a password may be wrong before nobody is let in for a while. */

/** Maximum invalid login attempts, and Lockout effective period, of a new org of Salesforce. */
const mostWrongPasswords = 10;
const lockoutMinutes = 15;

export interface Lockout {
  /** Wrong passwords in a row. */
  wrongPasswords: number;
  /** Milliseconds since 1970; 0 when never locked. */
  lockedUntil: number;
}

/** @param now milliseconds since 1970 */
export function isLocked({ lockedUntil }: Lockout, now: number): boolean {
  return now < lockedUntil;
}

/** What one more wrong password makes of it. */
export function afterWrongPassword({ wrongPasswords }: Lockout, now: number): Lockout {
  const count = wrongPasswords + 1;
  return count < mostWrongPasswords
    ? { wrongPasswords: count, lockedUntil: 0 }
    : { wrongPasswords: 0, lockedUntil: now + lockoutMinutes * 60_000 };
}
