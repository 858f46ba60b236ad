import { hasMark, LISTED } from '../marks.ts';
import type { Family } from './commands.ts';
import { findOption, type OptionNames, readOptions } from './options.ts';
import type { Run } from './run.ts';

interface Writer extends OptionNames {
  readonly how: string;
  /** Which operands are written: all, the last, all but the first, or none that is named. */
  readonly targets: 'all' | 'last' | 'rest' | 'none';
  readonly recursive?: boolean;
  /** Options with which it only looks. */
  readonly readsWith?: OptionNames;
  /** Options whose value is the target. */
  readonly targetOption?: OptionNames;
}

const WRITERS: Readonly<Record<string, Writer>> = {
  rm: { how: 'rm deletes files', targets: 'all', recursive: true },
  rmdir: { how: 'rmdir deletes folders', targets: 'all' },
  unlink: { how: 'unlink deletes a file', targets: 'all' },
  shred: { how: 'shred overwrites files', targets: 'all', valued: 'ns' },
  trash: { how: 'trash removes files', targets: 'all', recursive: true },
  'trash-put': { how: 'trash removes files', targets: 'all', recursive: true },
  touch: { how: 'touch creates or changes files', targets: 'all', valued: 'drt' },
  mkdir: { how: 'mkdir creates folders', targets: 'all', valued: 'm' },
  mkfifo: { how: 'mkfifo creates a file', targets: 'all', valued: 'm' },
  mknod: { how: 'mknod creates a file', targets: 'all', valued: 'm' },
  tee: { how: 'tee writes its input into files', targets: 'all' },
  sponge: { how: 'sponge writes its input into a file', targets: 'all' },
  truncate: {
    how: 'truncate changes files',
    targets: 'all',
    valued: 'sr',
    longValued: ['size', 'reference'],
  },
  fallocate: { how: 'fallocate changes a file', targets: 'all', valued: 'lo' },
  chmod: { how: 'chmod changes permissions', targets: 'rest', recursive: true, longValued: ['reference'] },
  chown: { how: 'chown changes owners', targets: 'rest', recursive: true },
  chgrp: { how: 'chgrp changes groups', targets: 'rest', recursive: true },
  chattr: { how: 'chattr changes attributes', targets: 'rest' },
  setfacl: { how: 'setfacl changes permissions', targets: 'rest', valued: 'mxMX' },
  setfattr: { how: 'setfattr changes attributes', targets: 'all', valued: 'nvx' },
  cp: {
    how: 'cp writes files',
    targets: 'last',
    valued: 'tS',
    targetOption: { short: 't', long: ['target-directory'] },
  },
  install: {
    how: 'install writes files',
    targets: 'last',
    valued: 'tSmog',
    targetOption: { short: 't', long: ['target-directory'] },
  },
  scp: { how: 'scp copies files', targets: 'last', valued: 'iPoFcJlS' },
  rsync: {
    how: 'rsync writes files',
    targets: 'last',
    valued: 'eBfT',
    readsWith: { short: 'n', long: ['dry-run', 'list-only'] },
  },
  ditto: { how: 'ditto writes files', targets: 'last' },
  mv: {
    how: 'mv moves files',
    targets: 'all',
    recursive: true,
    valued: 'tS',
    targetOption: { short: 't', long: ['target-directory'] },
  },
  rename: { how: 'rename moves files', targets: 'none' },
  mmv: { how: 'mmv moves files', targets: 'none' },
  ln: {
    how: 'ln creates links',
    targets: 'all',
    valued: 'tS',
    targetOption: { short: 't', long: ['target-directory'] },
  },
  link: { how: 'link creates a link', targets: 'all' },
  split: { how: 'split writes files', targets: 'none', valued: 'abClnt' },
  csplit: { how: 'csplit writes files', targets: 'none' },
  patch: {
    how: 'patch changes files',
    targets: 'none',
    readsWith: { long: ['dry-run', 'check'], short: 'C' },
  },
  unrar: { how: 'unrar writes files', targets: 'none' },
  '7z': { how: '7z writes files', targets: 'none' },
  gzip: {
    how: 'gzip replaces files',
    targets: 'all',
    readsWith: { short: 'clt', long: ['stdout', 'to-stdout', 'list', 'test'] },
  },
  bzip2: {
    how: 'bzip2 replaces files',
    targets: 'all',
    readsWith: { short: 'ct', long: ['stdout', 'test'] },
  },
  xz: {
    how: 'xz replaces files',
    targets: 'all',
    readsWith: { short: 'clt', long: ['stdout', 'list', 'test'] },
  },
  zstd: {
    how: 'zstd writes files',
    targets: 'none',
    readsWith: { short: 'clt', long: ['stdout', 'list', 'test'] },
  },
  dos2unix: { how: 'dos2unix changes files', targets: 'all' },
  unix2dos: { how: 'unix2dos changes files', targets: 'all' },
  indent: { how: 'indent changes files', targets: 'all' },
  ed: { how: 'ed edits files', targets: 'all' },
  ex: { how: 'ex edits files', targets: 'none' },
  vi: { how: 'vi edits files', targets: 'none' },
  vim: { how: 'vim edits files', targets: 'none' },
  nvim: { how: 'nvim edits files', targets: 'none' },
  emacs: { how: 'emacs edits files', targets: 'none' },
  nano: { how: 'nano edits files', targets: 'none' },
  pico: { how: 'pico edits files', targets: 'none' },
  micro: { how: 'micro edits files', targets: 'none' },
  code: { how: 'code opens an editor', targets: 'none' },
  sudoedit: { how: 'sudoedit edits files', targets: 'all' },
  visudo: { how: 'visudo edits files', targets: 'none' },
  mktemp: { how: 'mktemp creates a file', targets: 'none', readsWith: { short: 'u', long: ['dry-run'] } },
  tempfile: { how: 'tempfile creates a file', targets: 'none' },
  convert: { how: 'convert writes a file', targets: 'last' },
  ffmpeg: { how: 'ffmpeg writes a file', targets: 'last' },
  dpkg: {
    how: 'dpkg changes the system',
    targets: 'none',
    readsWith: { short: 'lLsS', long: ['list', 'listfiles', 'status', 'search', 'print-architecture'] },
  },
  mount: { how: 'mount changes the system', targets: 'none' },
  umount: { how: 'umount changes the system', targets: 'none' },
  mkfs: { how: 'mkfs changes the system', targets: 'none' },
  defaults: { how: 'defaults changes settings', targets: 'none' },
  direnv: { how: 'direnv changes settings', targets: 'none' },
};

/** Options with which `cp` links in place of copying. */
const LINKING: OptionNames = { short: 'ls', long: ['link', 'symbolic-link'] };

export const judgeWriter: Family = (name, args, run) => {
  const special = SPECIAL[name];
  if (special !== undefined) {
    special(args, run);
    return true;
  }
  const writer = WRITERS[name];
  if (writer === undefined) return false;
  const read = readOptions(args, writer);
  if (name === 'rsync' && findOption(read, { short: 'e', long: ['rsh', 'rsync-path'] }) !== undefined)
    run.unknown('runs-program', 'rsync is told to start a program');
  if (
    read.options.length === 1 &&
    read.operands.length === 0 &&
    /^(?:version|help|V)$/.test(read.options[0]?.name ?? '')
  )
    return true;
  if (writer.readsWith !== undefined && findOption(read, writer.readsWith) !== undefined && !read.isOpen)
    return true;
  const targets = targetsOf(name, writer, read);
  for (const target of targets) run.write(writer.how, target, writer.recursive === true);
  // What it writes is not read off its words, but they may name it.
  if (targets.includes(undefined)) run.unknown('writing-command', writer.how);
  return true;
};

function targetsOf(
  name: string,
  writer: Writer,
  read: ReturnType<typeof readOptions>,
): readonly (string | undefined)[] {
  const { operands } = read;
  if (name === 'mktemp') return [mktempTarget(read)];
  const named = writer.targetOption === undefined ? undefined : findOption(read, writer.targetOption)?.value;
  const extra = named === undefined ? [] : [named];
  // A gate file that is linked to could be changed through the link.
  if (name === 'ln' || name === 'link' || (name === 'cp' && findOption(read, LINKING) !== undefined))
    return operands.length === 0 ? [undefined] : [...extra, ...operands];
  if (writer.targets === 'all')
    return operands.length === 0 && extra.length === 0 ? [undefined] : [...extra, ...operands];
  if (writer.targets === 'rest') return operands.length < 2 ? [undefined] : operands.slice(1);
  if (writer.targets === 'last') {
    if (named !== undefined) return [named];
    const last = operands.at(-1);
    return [last !== undefined && /^[\w.-]+@?[\w.-]*:/.test(last) ? undefined : last];
  }
  return [undefined];
}

/** Without a folder the file lies in the system's folder for temporary files. */
function mktempTarget(read: ReturnType<typeof readOptions>): string {
  const folder = findOption(read, { short: 'p', long: ['tmpdir'] });
  if (folder !== undefined) return folder.value ?? read.operands[0] ?? '/tmp';
  return read.operands[0] ?? '/tmp/tmp.XXXXXX';
}

type Special = (args: readonly string[], run: Run) => void;

const SPECIAL: Readonly<Record<string, Special>> = {
  dd: (args, run) => {
    const output = args.find((arg) => arg.startsWith('of='));
    if (output !== undefined) run.write('dd writes a file', output.slice(3));
    else if (args.some((arg) => hasMark(arg) && !arg.includes('=')))
      run.unknown('unknown-options', 'dd may get an output that is not known');
  },
  tar: (args, run) => {
    const [first = ''] = args;
    const letters = first.startsWith('--') ? '' : first.replace(/^-/, '');
    const lists =
      letters.includes('t') ||
      args.some(
        (arg) =>
          /^-\w*t/.test(arg) ||
          arg === '--list' ||
          arg === '--diff' ||
          arg === '--compare' ||
          /^-\w*d/.test(arg),
      );
    const runs = args.some(
      (arg) =>
        /^--(?:to-command|checkpoint-action|use-compress-program|rsh-command|info-script|new-volume-script|index-file|volno-file)/.test(
          arg,
        ) || /^-\w*[IF]/.test(arg),
    );
    const toOutput = /O/.test(letters) || args.includes('--to-stdout');
    if (runs) run.unknown('runs-program', 'tar is told to start a program');
    const changes =
      /[xcruA]/.test(letters) ||
      args.some((arg) => /^--(?:extract|get|create|append|update|delete|concatenate)/.test(arg));
    if (lists && !changes) return;
    const creates = letters.includes('c') || args.includes('--create');
    const archive = /f$/.test(letters)
      ? args[1]
      : args[args.findIndex((arg) => /^-\w*f$/.test(arg) || arg === '--file') + 1];
    if (creates && archive === '-') return;
    if (!creates && toOutput) return;
    const folder = args[args.findIndex((arg) => arg === '-C' || arg === '--directory') + 1];
    if (creates) run.write('tar writes an archive', archive);
    else
      run.write(
        'tar unpacks files',
        args.some((arg) => arg === '-C' || arg === '--directory') ? folder : undefined,
      );
  },
  cpio: (args, run) => {
    if (
      !args.some((arg) => /^-\w*t/.test(arg) || arg === '--list') ||
      args.some((arg) => /^-\w*[ipO]/.test(arg) && !/t/.test(arg))
    )
      run.write('cpio writes files');
  },
  unzip: (args, run) => {
    if (
      args.some((arg) => /^-\w*[lptvzZ]/.test(arg)) &&
      !args.some((arg) => /^-\w*[dox]/.test(arg) && !/[lptvz]/.test(arg))
    )
      return;
    const at = args.indexOf('-d');
    run.write('unzip unpacks files', at === -1 ? undefined : args[at + 1]);
  },
  zip: (args, run) => {
    run.write(
      'zip writes an archive',
      args.find((arg) => !arg.startsWith('-')),
    );
  },
  jar: (args, run) => {
    if (!/^-{0,2}t|^--list/.test(args[0] ?? '')) run.write('jar writes files');
  },
  ar: (args, run) => {
    if (!/^-?[tpP]/.test(args[0] ?? '')) run.write('ar writes an archive');
  },
  'apt-get': systemPackages('apt-get', /^(?:changelog|check|help|indextargets)$/),
  apt: systemPackages('apt', /^(?:list|search|show|policy|help|depends|rdepends|changelog)$/),
  'apt-cache': () => undefined,
  'dpkg-query': () => undefined,
  yum: systemPackages('yum', /^(?:list|search|info|repolist)$/),
  dnf: systemPackages('dnf', /^(?:list|search|info|repolist|repoquery)$/),
  apk: systemPackages('apk', /^(?:info|list|search|policy)$/),
  brew: systemPackages('brew', /^(?:list|ls|search|info|config|doctor|deps|--prefix|--version|outdated)$/),
  pacman: systemPackages('pacman', /^-(?:Q|Ss|Si|Sl)/),
  // What runs later runs without a gate, and is kept outside of the workspace.
  at: (args, run) => {
    if (args[0] !== '-l') run.write('at runs commands later', '/var/spool/at');
  },
  batch: (_args, run) => run.write('batch runs commands later', '/var/spool/at'),
  crontab: (args, run) => {
    if (args.join(' ') !== '-l') run.write('crontab changes what runs later', '/var/spool/cron');
  },
  systemctl: systemPackages('systemctl', /^(?:status|list-\S+|show|is-\S+|cat|get-default|help)$/),
  launchctl: systemPackages('launchctl', /^(?:list|print)$/),
};

function systemPackages(name: string, reads: RegExp): Special {
  return (args, run) => {
    const verb = args.find((arg) => !arg.startsWith('--') || arg === '--prefix' || arg === '--version') ?? '';
    if (verb === LISTED || !reads.test(verb)) run.write(`${name} ${verb.slice(0, 30)} changes the system`);
  };
}
