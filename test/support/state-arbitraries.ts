import fc from 'fast-check';

const piece = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '',
    '/',
    '\\',
    '...',
    ' ',
    '~',
    '%2e%2e',
    '\u2024\u2024',
    '\uff0f',
    'C:',
    'nul',
    'link',
    'file',
    'a',
    '\0',
    '\u202e',
  ),
  fc.string({ maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
/** A file name as an agent may give it: hostile, odd or plain. */
export const agentGivenName: fc.Arbitrary<string> = fc
  .array(piece, { maxLength: 7 })
  .chain((pieces) => fc.constantFrom('/', '\\', '').map((glue) => pieces.join(glue)));
