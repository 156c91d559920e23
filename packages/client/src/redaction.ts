/**
 * Words of somebody else's, fit for an error: a server that echoes what it was sent would put an
 * assertion or a token there, and one that means harm a text without end, one that steers the
 * terminal, or one whose second line looks like the next line of the log.
 */
export function redacted(words: string): string {
  return words
    .replaceAll(/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '[hidden]')
    .replaceAll(/\b00D\w{9,15}(?:!|%21)[\w.~+/=-]+/g, '[hidden]')
    .replaceAll(/\r\n?|[\n\u2028\u2029]/g, '\n  ')
    .replaceAll(/(?!\n)[\p{Cc}\p{Bidi_Control}]/gu, ' ')
    .slice(0, 300);
}
