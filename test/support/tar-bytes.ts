/** One entry of an archive that is made byte by byte, so that it can be as wrong as can be. */
export interface TarEntry {
  readonly path?: string | Buffer;
  readonly body?: string | Buffer;
  readonly type?: string;
  readonly mode?: number;
  readonly link?: string;
  /** What the header says the size is; default: that of the body. */
  readonly size?: number | string | Buffer;
  readonly prefix?: string | Buffer;
  readonly magic?: string;
  readonly checksum?: string;
  readonly mtime?: string;
  /** Replaces bytes of the finished header, before its checksum is made. */
  readonly patch?: (header: Buffer) => void;
  /** Leaves the padding after the body out. */
  readonly unpadded?: boolean;
}

export const BLOCK = 512;
/** The proper end of an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/** An archive of these entries with a proper end. */
export function tarOf(entries: readonly (TarEntry | Buffer)[], end: Buffer = TAR_END): Buffer {
  return Buffer.concat([...entries.map((entry) => (Buffer.isBuffer(entry) ? entry : tarEntry(entry))), end]);
}

export function tarEntry(entry: TarEntry): Buffer {
  const body = Buffer.from(entry.body ?? '');
  const padding = entry.unpadded === true ? 0 : (BLOCK - (body.length % BLOCK)) % BLOCK;
  return Buffer.concat([tarHeaderBytes(entry, body.length), body, Buffer.alloc(padding)]);
}

/** An extension header of POSIX with these records. */
export function paxEntry(records: Readonly<Record<string, string | Buffer>>, type = 'x'): Buffer {
  return tarEntry({ path: 'PaxHeaders/x', type, body: paxRecords(records) });
}

export function paxRecords(records: Readonly<Record<string, string | Buffer>>): Buffer {
  return Buffer.concat(
    Object.entries(records).map(([key, value]) => {
      const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
      let length = rest.length + 1;
      while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
      return Buffer.concat([Buffer.from(String(length)), rest]);
    }),
  );
}

/** A long name in the way of GNU. */
export function gnuLongName(path: string | Buffer): Buffer {
  return tarEntry({
    path: '././@LongLink',
    type: 'L',
    body: Buffer.concat([Buffer.from(path), Buffer.from([0])]),
  });
}

function tarHeaderBytes(entry: TarEntry, bodyLength: number): Buffer {
  const { path = 'file', type = '0', mode = 0o644, link = '', size = bodyLength, prefix = '' } = entry;
  const header = Buffer.alloc(BLOCK);
  Buffer.from(path).copy(header, 0, 0, 100);
  header.write(`${mode.toString(8).padStart(7, '0')}\0`, 100, 'latin1');
  header.write('0000000\0', 108, 'latin1');
  header.write('0000000\0', 116, 'latin1');
  if (typeof size === 'number') header.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  else Buffer.from(size).copy(header, 124, 0, 12);
  header.write(entry.mtime ?? '00000000000\0', 136, 'latin1');
  header.write(type, 156, 'latin1');
  header.write(link, 157, 100, 'utf8');
  header.write(entry.magic ?? 'ustar\u000000', 257, 'latin1');
  Buffer.from(prefix).copy(header, 345, 0, 155);
  entry.patch?.(header);
  header.fill(' ', 148, 156, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(entry.checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return header;
}
