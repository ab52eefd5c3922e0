const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const base62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The id of the n-th record under a key prefix: 15 characters that tell case, and three that tell it to who does not. */
export function recordId(prefix: string, n: number): string {
  let rest = n;
  let digits = '';
  while (digits.length < 9) {
    digits = (base62[rest % 62] ?? 'A') + digits;
    rest = Math.floor(rest / 62);
  }
  return longId(`${prefix}5g0${digits}`);
}

/** The 18 characters of an id given with 15; other texts as they are. */
export function longId(id: string): string {
  if (!/^[a-zA-Z0-9]{15}$/.test(id)) return id;
  const suffix = [0, 5, 10].map((start) => {
    const bits = Array.from(id.slice(start, start + 5)).reduce((sum, letter, place) => sum + (/[A-Z]/.test(letter) ? 1 << place : 0), 0);
    return letters[bits] ?? 'A';
  });
  return id + suffix.join('');
}

/** Whether a text has the form of a record id. */
export function isRecordId(id: string): boolean {
  return /^[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?$/.test(id);
}
