import { packError } from '../pack-error.ts';

const MAX_PATH_BYTES = 1024;
const MAX_COMPONENT_BYTES = 255;
const MAX_DEPTH = 32;

/** Names that Windows keeps for devices, with any extension. */
const DEVICE_NAME = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;
/** Names that mean something to version control, to a harness or to us, wherever they stand. */
const TOOL_NAME = /^\.(git|hg|svn|nexus|nexo[-.a-z0-9]*|claude|codex|opencode)$/i;

/**
 * The path of an entry as it will be made: relative, in normal form, below the folder that it is unpacked into.
 * Empty for the folder itself. Throws PACK_ARCHIVE_UNSAFE.
 */
export function cleanEntryPath(bytes: Buffer, isFolder: boolean): string {
  const text = decode(bytes);
  if (text === '') throw unsafe('is empty', text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) throw unsafe('holds a control character', text);
  if (text.includes('\\')) throw unsafe('holds a backslash', text);
  if (text.startsWith('/')) throw unsafe('is absolute', text);
  if (/^[A-Za-z]:/.test(text)) throw unsafe('begins with a drive letter', text);
  if (text.split('/').includes('..')) throw unsafe('contains ..', text);
  const relative = text === '.' || text === './' ? '' : text.replace(/^\.\//, '');
  const path = isFolder ? relative.replace(/\/$/, '') : relative;
  if (path === '') {
    if (isFolder) return '';
    throw unsafe('names the pack itself', text);
  }
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw unsafe(`is longer than ${MAX_PATH_BYTES} bytes`, text);
  const components = path.split('/');
  if (components.length > MAX_DEPTH) throw unsafe(`is deeper than ${MAX_DEPTH} folders`, text);
  for (const component of components) {
    if (component === '' || component === '.') throw unsafe('is not in normal form', text);
    if (Buffer.byteLength(component) > MAX_COMPONENT_BYTES)
      throw unsafe(`has a part longer than ${MAX_COMPONENT_BYTES} bytes`, text);
    if (DEVICE_NAME.test(stripEnd(component))) throw unsafe('is a device on Windows', text);
    if (TOOL_NAME.test(stripEnd(component))) throw unsafe('is a name that tools act on', text);
    if (stripEnd(component) === '') throw unsafe('has a part of dots and spaces', text);
  }
  return path;
}

function stripEnd(component: string): string {
  return component.replace(/[. ]+$/, '');
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw unsafe('is not UTF-8', bytes.toString('latin1'));
  }
}

function unsafe(why: string, path: string): Error {
  return packError('UnsafePath', `tar entry path ${why}; rejected for safety: ${quote(path)}.`, {
    hint: 'Do not use this pack; its author has to pack it again.',
  });
}

function quote(path: string): string {
  return JSON.stringify(path.length > 120 ? `${path.slice(0, 120)}…` : path);
}
