import { hasMark, mayBeOption } from '../marks.ts';
import { mentionsTasks } from '../mentions.ts';
import { isStream } from '../paths.ts';
import type { Family } from './commands.ts';
import { findOption, readOptions } from './options.ts';
import type { Run } from './run.ts';

/** Programs that talk over the network. */
export const judgeRemote: Family = (name, args, run) => {
  switch (name) {
    case 'curl':
      judgeCurl(args, run);
      return true;
    case 'wget':
      judgeWget(args, run);
      return true;
    case 'http':
    case 'https':
    case 'xh':
      if (args.some((word) => /^(?:-d|-o|--download|--output|--session)/.test(word)))
        run.write(`${name} writes a file`);
      judgeServer(args, run);
      return true;
    case 'nc':
    case 'ncat':
    case 'netcat':
    case 'socat':
    case 'telnet':
    case 'websocat':
      run.unknown('network', `what ${name} does cannot be told`);
      judgeServer(args, run);
      return true;
    case 'ssh':
    case 'mosh':
    case 'sftp':
    case 'ftp':
    case 'aws':
    case 'gcloud':
    case 'az':
    case 'rclone':
    case 'aria2c':
      if (!args.every((word) => /^(?:-V|--version|-v)$/.test(word)) || args.length === 0)
        run.unknown('network', `what ${name} does there cannot be told`);
      return true;
    default:
      return false;
  }
};

const CURL_VALUED = 'AbCcdDeEFhHKmoPQrtTuUwxXyYz';
const CURL_LONG =
  'output dump-header cookie-jar config header data data-raw data-binary data-urlencode request user user-agent url max-time connect-timeout retry form upload-file proxy trace trace-ascii stderr output-dir write-out cacert cert key referer range resolve'.split(
    ' ',
  );

function judgeCurl(args: readonly string[], run: Run): void {
  const read = readOptions(args, { valued: CURL_VALUED, longValued: CURL_LONG });
  for (const { name, value } of read.options) {
    const isFile =
      /^(?:o|D|c|output|dump-header|cookie-jar|trace|trace-ascii|stderr|etag-save|hsts|alt-svc|libcurl|output-dir|ssl-sessions)$/.test(
        name,
      );
    if (isFile && value !== '-' && !(value !== undefined && isStream(value)))
      run.write(`curl ${name.length === 1 ? '-' : '--'}${name} writes a file`, value);
    else if (/^(?:O|J|remote-name\S*|remote-header-name)$/.test(name)) run.write('curl -O writes a file');
    else if (/^(?:K|config|engine|q?quote)$/.test(name))
      run.unknown('loads-code', 'curl reads its options from a file');
    else if ((name === 'w' || name === 'write-out') && /%output\{/.test(value ?? ''))
      run.write('curl -w writes a file');
    else if (/^(?:T|upload-file)$/.test(name) && read.operands.some((url) => url.startsWith('file:')))
      run.write('curl writes a local file');
  }
  if (
    read.operands.some((url) => /^(?:file|scp|sftp|smb|gopher|telnet|dict):/i.test(url)) &&
    read.options.some(({ name }) => /^(?:T|upload-file|Q|quote)$/.test(name))
  )
    run.unknown('network', 'curl writes by another protocol');
  if (read.isOpen && args.some((word) => mayBeOption(word) && !/^["']?https?:/.test(word)))
    run.unknown('unknown-options', 'curl may get options that are not known');
  judgeServer(args, run);
}

function judgeWget(args: readonly string[], run: Run): void {
  const read = readOptions(args, {
    valued: 'aoOPUeitTwQl',
    longValued: [
      'output-document',
      'output-file',
      'directory-prefix',
      'header',
      'post-data',
      'timeout',
      'tries',
    ],
  });
  const outputs = read.options
    .filter(({ name }) => name === 'O' || name.startsWith('output-d'))
    .map(({ value }) => value ?? '');
  const isShown = outputs.length > 0 && outputs.every((target) => target === '-' || isStream(target));
  const looks = findOption(read, { long: ['spider', 'version', 'help'] }) !== undefined || isShown;
  const extra = read.options.some(({ name }) =>
    /^(?:o|a|e|output-file|append-output|execute|config|use-askpass|save-\S+|warc\S*|hsts-file|post-file|rejected-log)$/.test(
      name,
    ),
  );
  const folder = findOption(read, { short: 'P', long: ['directory-prefix'] })?.value;
  if (!looks) run.write('wget writes a file', outputs.at(-1) ?? folder);
  if (extra) run.write('wget writes another file or takes other settings');
  judgeServer(args, run);
}

/** Talking to our own server without its tools. */
function judgeServer(args: readonly string[], run: Run): void {
  const text = `${args.join(' ')} ${run.input.kind === 'text' ? run.input.text : ''}`;
  for (const action of mentionsTasks(text)) run.task(action, 'this talks to the server directly');
  const isLocal = /\b(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0)\b|\[::1?\]/i.test(text);
  const calls = /tools\/call|jsonrpc/i.test(text) || /\/mcp\b/.test(text);
  const carries = args.some((word) =>
    /^(?:-d|--data|--json|-F|--form|-T|--upload-file|--post-data|--post-file)/.test(word),
  );
  if (calls && (isLocal || carries)) {
    run.task('any', 'this talks to an MCP server directly');
    run.unknown('network', 'this calls tools of a server past the gate', text);
  } else if (isLocal && carries && hasMark(text))
    run.unknown('network', 'what is sent to a local server cannot be told', text);
}
