import { isStream } from '../paths.ts';
import type { Family } from './commands.ts';
import { isLoadingVariable } from './environment.ts';
import { findOption, type OptionNames, readOptions } from './options.ts';
import type { Run } from './run.ts';

/** Commands that have no way of changing a file, whatever their arguments. */
const PURE: ReadonlySet<string> = new Set(
  (
    'cat head tail ls dir vdir wc grep egrep fgrep rgrep zgrep zcat zless bzcat xzcat bzgrep lzcat echo pwd true false test [ [[ : stat df du cksum md5sum md5 ' +
    'sha1sum sha224sum sha256sum sha384sum sha512sum shasum b2sum sum strings cut tr paste join nl fold fmt rev tac seq expr ' +
    'basename dirname realpath readlink which type whereis printenv id whoami groups uname uptime ps free pgrep pidof nproc ' +
    'lscpu lsblk lsmod arch getent dig nslookup host ping ping6 ss netstat size cal sleep wait tput clear getconf comm cmp ' +
    'diff diff3 colordiff column expand unexpand pr tsort factor numfmt od hexdump hd logname users who w last tty ' +
    'locale apropos whatis jq gron pathchk egrep exit return break continue shift unset times jobs fg bg umask ulimit ' +
    'caller let export declare typeset local readonly set shift read getopts logout disown kill pkill killall suspend printf lsof vmstat ' +
    'iostat mpstat dmesg sw_vers xdpyinfo nm objdump readelf otool tokei wslpath cygpath tldr look bc banner figlet yes ' +
    'zdiff zcmp acpi sensors lspci lsusb ncal dirs rgrep zipinfo zgrep xzgrep zstdcat zstdgrep csvlook csvstat csvcut csvgrep sysctl_read integer float whence where print'
  ).split(' '),
);

interface Guard extends OptionNames {
  /** Options that make it write or run something; each is refused. */
  readonly refuse: OptionNames;
  /** More operands than these name an output. */
  readonly maxOperands?: number;
}

const guard = (refuse: OptionNames, rest: Omit<Guard, 'refuse'> = {}): Guard => ({ refuse, ...rest });

/** Reading commands with ways to write. */
const GUARDED: Readonly<Record<string, Guard>> = {
  sort: guard(
    { short: 'o', long: ['output', 'compress-program'] },
    { valued: 'oktST', longValued: ['key', 'field-separator', 'output'] },
  ),
  base64: guard({ short: 'o', long: ['output'] }),
  base32: guard({ short: 'o', long: ['output'] }),
  basenc: guard({ short: 'o', long: ['output'] }),
  uniq: guard({}, { maxOperands: 1, valued: 'fsw' }),
  tree: guard({ short: 'o', long: ['output'] }, { valued: 'oLPIH' }),
  less: guard({ short: 'oOkT', long: ['log-file', 'LOG-FILE', 'lesskey-file'] }),
  more: guard({}),
  man: guard({ short: 'PHC', long: ['pager', 'html', 'config-file'] }, { valued: 'PHC' }),
  info: guard({ short: 'o', long: ['output'] }),
  xxd: guard({ short: 'r' }, { maxOperands: 1, valued: 'cglso' }),
  date: guard({ short: 's', long: ['set'] }, { valued: 'drs', longValued: ['date', 'reference'] }),
  hostname: guard({ short: 'F' }, { maxOperands: 0 }),
  file: guard({ short: 'C', long: ['compile'] }, { valued: 'mfFP' }),
  rg: guard({ long: ['pre', 'hostname-bin'] }, { valued: 'efgtTABCmMjd' }),
  ag: guard({ long: ['pager'] }),
  ack: guard({ long: ['pager'] }),
  fd: guard({ short: 'xX', long: ['exec', 'exec-batch'] }, { valued: 'detESc' }),
  fdfind: guard({ short: 'xX', long: ['exec', 'exec-batch'] }, { valued: 'detESc' }),
  bat: guard({ long: ['pager', 'diff-command'] }, { valued: 'lrmH' }),
  batcat: guard({ long: ['pager'] }, { valued: 'lrmH' }),
  sdiff: guard({ short: 'o', long: ['output', 'diff-program'] }),
  yq: guard({ short: 'is', long: ['inplace', 'in-place', 'split-exp', 'split-exp-file'] }, { valued: 'poI' }),
  iconv: guard({ short: 'o', long: ['output'] }, { valued: 'fto' }),
  csvformat: guard({}),
  history: guard({ short: 'awcdrnps' }),
  hash: guard({ short: 'p' }, { valued: 'p' }),
  mapfile: guard({ short: 'C' }, { valued: 'CcdnOsu' }),
  readarray: guard({ short: 'C' }, { valued: 'CcdnOsu' }),
  compgen: guard({ short: 'CF' }, { valued: 'CFWGPSXA' }),
  journalctl: guard({
    long: [
      'vacuum-size',
      'vacuum-time',
      'vacuum-files',
      'rotate',
      'flush',
      'sync',
      'setup-keys',
      'cursor-file',
      'update-catalog',
    ],
  }),
  htop: guard({}),
  ifconfig: guard({}, { maxOperands: 1 }),
  shellcheck: guard({}),
  hadolint: guard({}),
  yamllint: guard({}),
  actionlint: guard({}),
  jsonlint: guard({ short: 'i', long: ['in-place'] }),
  xmllint: guard({ short: 'o', long: ['output', 'shell'] }),
  tidy: guard({ short: 'mof', long: ['modify', 'output-file', 'write-back'] }),
  pdftotext: guard({}, { maxOperands: 0 }),
  identify: guard({}),
  exa: guard({}),
  eza: guard({}),
  lsd: guard({}),
  delta: guard({ long: ['pager'] }),
  difft: guard({}),
  wdiff: guard({}),
  sha256: guard({}),
};

/** Reading, whatever the options, or refused for the few that write. */
export const judgeReader: Family = (name, args, run) => {
  if (PURE.has(name)) {
    judgePure(name, args, run);
    return true;
  }
  const special = SPECIAL[name];
  if (special !== undefined) {
    special(args, run);
    return true;
  }
  const names = GUARDED[name];
  if (names === undefined) return false;
  judgeGuarded(name, args, names, run);
  return true;
};

function judgePure(name: string, args: readonly string[], run: Run): void {
  if (name === 'print' && args.some((arg) => /^-\w*[sS]/.test(arg))) run.write('print -s writes the history');
  if (/^(?:export|declare|typeset|local|readonly)$/.test(name)) {
    for (const arg of args) {
      const match = /^([A-Za-z_]\w*)\+?=(.*)$/s.exec(arg);
      if (match !== null && isLoadingVariable(match[1] ?? '', match[2] ?? ''))
        run.unknown('environment', `setting ${match[1]} can make programs load code or start others`);
    }
  }
  if (name === 'set' && args.includes('allexport'))
    run.unknown('environment', 'set -o allexport hands variables to programs');
}

function judgeGuarded(name: string, args: readonly string[], names: Guard, run: Run): void {
  const read = readOptions(args, names);
  const found = findOption(read, names.refuse);
  const { value } = found ?? { value: undefined };
  if (found !== undefined && !(value !== undefined && isStream(value))) {
    if (/exec|pre|pager|program|command|[xXPC]/.test(found.name))
      run.unknown('runs-program', `${name} ${spell(found.name)} starts another program`);
    else run.write(`${name} ${spell(found.name)} writes a file`, value);
  }
  if (
    (name === 'less' || name === 'more') &&
    args.some((arg) => arg.startsWith('+') && !/^\+(?:[FG]|\d+|\/.*)$/.test(arg))
  )
    run.unknown('runs-program', `${name} is given a command to start with`);
  const hasWays = names.refuse.short !== undefined || names.refuse.long !== undefined;
  if (read.isOpen && hasWays) run.unknown('unknown-options', `${name} may get options that are not known`);
  if (names.maxOperands !== undefined && read.operands.length > names.maxOperands) {
    const target = read.operands.at(-1);
    if (target === undefined || !isStream(target)) run.write(`${name} writes into its last argument`, target);
  }
}

function spell(option: string): string {
  return option.length === 1 ? `-${option}` : `--${option}`;
}

const SPECIAL: Readonly<Record<string, (args: readonly string[], run: Run) => void>> = {
  alias: (args, run) => {
    if (args.some((arg) => arg.includes('='))) run.unknown('alias', 'an alias changes what later words mean');
  },
  shopt: (args, run) => {
    if (args.some((arg) => arg.includes('alias')))
      run.unknown('alias', 'an alias changes what later words mean');
  },
  top: (args, run) => {
    if (!args.some((arg) => /^-\w*b/.test(arg) || arg === '-l'))
      run.unknown('interactive', 'top is interactive without -b');
  },
  ip: (args, run) => {
    if (
      args.some((arg) => /^(?:add|del|delete|set|flush|change|replace|exec)$/.test(arg)) ||
      args.some((arg) => /^-(?:b|batch)/.test(arg))
    )
      run.unknown('system', 'ip changes the network or runs a batch');
  },
  trap: (args, run) => {
    const action = args.find((arg) => !arg.startsWith('-'));
    if (action !== undefined && args.length > 1 && action !== '') run.script(action);
  },
  gunzip: (args, run) => {
    if (!args.some((arg) => /^-\w*[clt]/.test(arg) || /^--(?:stdout|to-stdout|list|test)$/.test(arg)))
      run.write(
        'gunzip replaces files',
        args.find((arg) => !arg.startsWith('-')),
      );
  },
  unxz: (args, run) => {
    if (!args.some((arg) => /^-\w*[clt]/.test(arg) || /^--(?:stdout|list|test)$/.test(arg)))
      run.write(
        'unxz replaces files',
        args.find((arg) => !arg.startsWith('-')),
      );
  },
  openssl: (args, run) => {
    const [verb = ''] = args;
    const reads =
      /^(?:version|x509|s_client|dgst|verify|ciphers|asn1parse|list|help|speed|base64|md5|sha1|sha256|sha512|rand|crl|req|rsa|pkey|prime)$/.test(
        verb,
      );
    const writes = args.some((arg) =>
      /^-{1,2}(?:out|keyout|CAserial|CAcreateserial|writerand|sess_out|keylogfile|keymatexport|engine|provider\w*|config|signature_out|msgfile|outdir|newkey|new)(?:=|$)/.test(
        arg,
      ),
    );
    if (!reads || writes) run.write('openssl writes files');
  },
  exiftool: (args, run) => {
    if (
      args.some((arg) =>
        /^-\w+[-+<]?=|^-(?:o|w|W|delete_original|overwrite|tagsfromfile|config|if|execute|@)/i.test(arg),
      )
    )
      run.write('exiftool changes files');
  },
  ctags: (args, run) => {
    if (!args.some((arg) => arg === '-x' || arg === '-f-')) run.write('ctags writes a tags file');
  },
};
