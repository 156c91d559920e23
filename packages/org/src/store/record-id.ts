/**
 * Salesforce record ids: 15 case-sensitive characters, and 3 more that make the whole safe where
 * case is lost.
 */

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const checksumAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/** Stands where real ids name their instance: an id of a local org is recognised at sight. */
const localInstance = 'LOCAL';

/**
 * The 18-character id of the record with this number.
 *
 * @param keyPrefix three characters that name the object, such as 001 for Account
 */
export function recordId(keyPrefix: string, counter: number): string {
  let digits = '';
  for (let rest = counter; rest > 0; rest = Math.floor(rest / 62)) {
    digits = base62.charAt(rest % 62) + digits;
  }
  return to18(keyPrefix + localInstance + digits.padStart(7, '0'));
}

/** Whether a text has the shape of an id, in either spelling. */
export function isRecordId(text: string): boolean {
  return /^[A-Za-z\d]{15}(?:[A-Za-z\d]{3})?$/.test(text);
}

/** 15 characters to 18; 18 are returned as they are. */
export function to18(id: string): string {
  if (id.length !== 15) return id;
  let suffix = '';
  for (let block = 0; block < 15; block += 5) {
    let bits = 0;
    for (let position = 0; position < 5; position += 1) {
      if (/[A-Z]/.test(id.charAt(block + position))) bits += 1 << position;
    }
    suffix += checksumAlphabet.charAt(bits);
  }
  return id + suffix;
}

/** The first 15 characters: the case-sensitive spelling. */
export function to15(id: string): string {
  return id.slice(0, 15);
}
