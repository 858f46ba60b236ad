/** Random numbers with a seed, so that a case can be made again. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Random = () => number;

const WRITES: readonly string[] = [
  'rm a.txt',
  'rm -f a.txt',
  'touch new',
  'mkdir new',
  'cp a.txt new',
  'mv a.txt new',
  'ln -s a.txt new',
  'truncate -s 0 a.txt',
  'chmod 600 a.txt',
  'echo x > new',
  'echo x >> a.txt',
  'cat a.txt >new',
  'ls &> new',
  'printf x 1>| new',
  ': > new',
  'echo x | tee new',
  'dd if=a.txt of=new',
  'sort -o a.txt list',
  "sed -i 's/a/b/' a.txt",
  "sed -n 'w new' a.txt",
  'awk \'{print > "new"}\' a.txt',
  'awk \'BEGIN{system("touch new")}\'',
  "perl -pi -e 's/a/b/' a.txt",
  "python3 -c \"open('new','w').write('x')\"",
  "node -e \"require('fs').writeFileSync('new','x')\"",
  'find . -name a.txt -delete',
  'find . -maxdepth 1 -name a.txt -exec rm {} +',
  'install a.txt new',
  'split -l 1 a.txt',
  'unlink a.txt',
  'cat <<EOF > new\nx\nEOF\n',
  'tar cf new.tar a.txt',
  'gzip -k a.txt',
  'mkfifo new',
  'git init new',
  'uniq a.txt new',
];

const READS: readonly string[] = [
  'ls',
  'ls -la',
  'pwd',
  'true',
  'echo hi',
  "echo 'rm x > y'",
  'cat a.txt',
  'grep -n a a.txt',
  'head -1 a.txt',
  'wc -l a.txt',
  'sort a.txt',
  'git status',
  'git log -1',
  "sed -n '1p' a.txt",
  "awk '{print $1}' a.txt",
  "awk '$2 > 1' a.txt",
  'find . -maxdepth 1',
  'test -f a.txt',
  '[ -f a.txt ]',
  '[[ 2 > 1 ]]',
  'date',
  'uname -a',
  'stat a.txt',
  'diff a.txt b.txt',
  "printf '%s\\n' x",
  'tr a b < a.txt',
  "python3 -c 'print(1)'",
  "node -p '1+1'",
  "perl -ne 'print if /a/' a.txt",
  'ls | wc -l',
  'cat a.txt 2> /dev/null',
  'ls > /dev/null 2>&1',
  'cat <<EOF\n> new\nEOF\n',
  'comm a.txt b.txt',
  'cut -d, -f1 a.csv',
  'basename a/b',
];

/** A write that is known to be one, inside random structure that keeps it one. */
export function wrappedWrite(random: Random): string {
  return wrap(pick(WRITES, random), random, true);
}

/** A read inside random structure that keeps it harmless. */
export function wrappedRead(random: Random): string {
  return wrap(pick(READS, random), random, false);
}

function wrap(command: string, random: Random, tricks: boolean): string {
  let text = command;
  const depth = 1 + Math.floor(random() * 4);
  for (let level = 0; level < depth; level += 1) {
    const form = pick(tricks ? [...FORMS, ...TRICKS] : FORMS, random);
    text = form(text, random);
  }
  return text;
}

type Form = (command: string, random: Random) => string;

const noise = (random: Random): string =>
  pick(
    READS.filter((read) => !read.includes('<<')),
    random,
  );

/** Text that ends in a here-document needs its own line. */
const line = (command: string): string => (command.endsWith('\n') ? command : `${command}\n`);

const FORMS: readonly Form[] = [
  (command, random) => `${noise(random)}; ${command}`,
  (command, random) => `${line(command)}${noise(random)}`,
  (command, random) => `${noise(random)} && ${command}`,
  (command, random) => `! ${noise(random)} || ${command}`,
  (command, random) => `${noise(random)} | { ${line(command)}}`,
  (command) => `( ${line(command)})`,
  (command) => `{ ${line(command)}}`,
  (command) => `( ( ${line(command)}) )`,
  (command) => `if true; then ${line(command)}fi`,
  (command) => `if false; then :; else ${line(command)}fi`,
  (command) => `for i in 1; do ${line(command)}done`,
  (command) => `for ((i=0;i<1;i++)); do ${line(command)}done`,
  (command) => `while true; do ${line(command)}break; done`,
  (command) => `case x in x) ${line(command)};; esac`,
  (command) => `case x in (y) :;; *) ${line(command)};; esac`,
  (command) => `{ f() { ${line(command)}}; f; }`,
  (command) => `{ function g { ${line(command)}}\ng\n}`,
  (command) => `echo "$( ${line(command)})"`,
  (command) => `x=$( ${line(command)}); echo "$x"`,
  (command) => `echo \${y:-$( ${line(command)})}`,
  (command) => `cat <(${line(command)})`,
  (command) => `: "$( ( ${line(command)}) )"`,
  (command) => `[[ -n $( ${line(command)}) ]]`,
  (command, random) => {
    const end = `END${Math.floor(random() * 1e9)}`;
    return `cat <<${end}\n$( ${line(command)})\n${end}\n`;
  },
  (command) => `bash -c ${quote(command)}`,
  (command) => `sh -c ${quote(command)} _ a b`,
  (command) => `env A=b bash -c ${quote(command)}`,
  (command) => `timeout 5 bash -c ${quote(command)}`,
  (command) => `nice -n 1 nohup bash -ec ${quote(command)} < /dev/null`,
  (command) => `time { ${line(command)}}`,
  (command) => `{ ${line(command)}} 2> /dev/null`,
  (command) => `( ${line(command)}) < a.txt`,
  (command, random) => `# ${noise(random).replaceAll('\n', ' ')}\n${command}`,
  (command) => `trap : EXIT\n${command}`,
  (command) => `set -u; A=1\n${command}`,
  (command) => `( cd src && cd .. && { ${line(command)}} )`,
  (command) => `\\\n${command}`,
  (command) => `true \\\n  && ${command}`,
];

/** Only around writes: a reading version would rightly be refused. */
const TRICKS: readonly Form[] = [
  (command) => `eval ${quote(command)}`,
  (command) => `xargs -I{} bash -c ${quote(command)} < list`,
  (command) => `find . -maxdepth 0 -exec bash -c ${quote(command)} \\;`,
  (command) => `${quote(command).includes('\n') ? 'bash -c' : 'eval'} ${quote(command)}`,
  (command, random) => {
    const end = `SCRIPT${Math.floor(random() * 1e9)}`;
    return `bash <<'${end}'\n${line(command)}${end}\n`;
  },
  (command) => `C=${quote(command)}; eval "$C"`,
  (command) => `C=${quote(command)}; bash -c "$C"`,
  (command) => `printf '%s' ${quote(command)} | bash`,
  (command) => `env -S bash -c ${quote(command)}`,
  (command) => command.replace(/^[a-z]{2,}/, (name) => disguise(name)),
];

function disguise(name: string): string {
  const first = name[0] ?? '';
  switch (name.length % 5) {
    case 0:
      return `\\${name}`;
    case 1:
      return `'${name}'`;
    case 2:
      return `${first}''${name.slice(1)}`;
    case 3:
      return `"${name}"`;
    default:
      return `$'\\x${first.charCodeAt(0).toString(16)}'${name.slice(1)}`;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function pick<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random() * list.length)] as T;
}
