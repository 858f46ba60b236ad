/** Stands for a secret in everything that is written down. */
export const REDACTED = '[redacted]';

/** Shorter secrets cannot be told from ordinary text. */
const MIN_SECRET_LENGTH = 4;
/** Part of an encoded secret below which it could be part of anything, in characters. */
const MIN_ENCODED_LENGTH = 8;

/** Names of fields whose text is a secret whatever it looks like: `accessToken` is one, `maxTokens` is not. */
const SECRET_NAME =
  /(?:password|passwd|passphrase|secret|token|api[_-]?key|private[_-]?key|authorization|cookie|credentials?)$/i;

/**
 * Shapes of well-known tokens. `keep` is the group in front of the token that stays, so that a reader sees what was
 * there. Every pattern is linear: it starts at a fixed word and runs over one class of characters.
 */
const SHAPES: readonly RegExp[] = [
  /()-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b(bearer\s+)[\w.~+/=-]{8,}/gi,
  /\b(authorization["']?\s*[:=]\s*["']?(?:basic|digest|token)\s+)[^\s"']+/gi,
  // user:password@host in an address
  /(:\/\/[^\s/:@"']{0,256}:)[^\s/@"']+(?=@)/g,
  // name=value in a query, an environment or a command line
  /((?:password|passwd|passphrase|secret|token|api[_-]?key)=)[^\s"'&,;]+/gi,
  /(?<![\w-])()eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)*/g,
  /\b()(?:sk|rk|pk)[-_][\w-]{16,}/g,
  /\b()gh[oprsu]_[A-Za-z0-9]{16,}/g,
  /\b()github_pat_\w{16,}/g,
  /\b()glpat-[\w-]{16,}/g,
  /\b()npm_[A-Za-z0-9]{30,}/g,
  /\b()hf_[A-Za-z0-9]{30,}/g,
  /\b()(?:xox[abeoprs]|xapp)-[\w-]{10,}/g,
  /\b()(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /\b()AIza[\w-]{35}/g,
  /\b()ya29\.[\w-]{16,}/g,
];

/** Removes secrets from text. */
export type Redactor = (text: string) => string;

/**
 * A redactor for these secret values, in plain and in the common encodings (JSON, URL, base64 and base64url at any
 * offset, hexadecimal), and for anything shaped like a well-known token.
 */
export function createRedactor(secrets: readonly string[] = []): Redactor {
  const forms = new Set(secrets.filter((secret) => secret.length >= MIN_SECRET_LENGTH).flatMap(encodedForms));
  // The longest first: a form may contain another.
  const alternatives = [...forms].sort((a, b) => b.length - a.length).map(escapePattern);
  const known = alternatives.length > 0 ? new RegExp(alternatives.join('|'), 'g') : undefined;
  return (text) => {
    let clean = known === undefined ? text : text.replace(known, REDACTED);
    for (const shape of SHAPES) clean = clean.replace(shape, `$1${REDACTED}`);
    return clean;
  };
}

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

function encodedForms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const url = encodeURIComponent(secret.toWellFormed());
  const json = JSON.stringify(secret).slice(1, -1);
  const encoded = [
    json,
    // JSON in JSON: a tool result that is logged as text
    JSON.stringify(json).slice(1, -1),
    url,
    url.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
    new URLSearchParams([['', secret]]).toString().slice(1),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...base64Forms(bytes),
  ];
  return [secret, ...encoded.filter((form) => form === secret || form.length >= MIN_ENCODED_LENGTH)];
}

/**
 * How the bytes read inside of a longer base64 text. Three bytes become four characters, so there are three
 * ways to lie in it; the characters at both ends that the neighbours share are left out.
 */
function base64Forms(bytes: Buffer): string[] {
  const forms = [bytes.toString('base64'), bytes.toString('base64url')];
  for (const before of [0, 1, 2]) {
    const shifted = Buffer.concat([Buffer.alloc(before), bytes]);
    const from = Math.ceil((before * 4) / 3);
    const to = Math.floor((shifted.length * 4) / 3);
    forms.push(shifted.toString('base64').slice(from, to), shifted.toString('base64url').slice(from, to));
  }
  return forms;
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
