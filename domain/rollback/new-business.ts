/** Whose a record of the target is: of an account of the wave that goes back, of an account of another one, or of nobody we moved. */
export type Belonging = 'wave' | 'elsewhere' | 'nobody';

/**
 * Whether a record that somebody else made or changed in the new system since the switch is business that legacy must learn of when the
 * wave goes back: whatever belongs to its accounts, and whatever is new there. A new document that was cancelled since is none; a moved
 * one that was cancelled is a change.
 */
export function isNewBusiness(change: 'created' | 'changed', cancelled: boolean, belonging: Belonging): boolean {
  if (belonging === 'elsewhere') return false;
  if (change === 'changed') return belonging === 'wave';
  return !cancelled;
}
