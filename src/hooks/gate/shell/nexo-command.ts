import { hasMark } from '../marks.ts';
import type { Family } from './commands.ts';

/** Our own command line. What a tool of ours may do through MCP it may do here; setting up is for people. */
export const judgeNexo: Family = (name, args, run) => {
  if (name === 'nexus-mcp' || name === 'nexus-core') {
    run.task('any', `${name} talks to the server directly`);
    run.unknown('task-command', `${name} talks to the server directly`);
    return true;
  }
  if (name !== 'nexo') return false;
  const words: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? '';
    if (/^--(?:root|project|config|harness|cwd|lang|color)$/.test(word)) index += 1;
    else if (!word.startsWith('-')) words.push(word);
  }
  const [noun = '', verb = ''] = words;
  if (
    args.some((word) => word === '--help' || word === '-h') ||
    noun === '' ||
    noun === 'help' ||
    noun === 'version'
  )
    return true;
  if (hasMark(noun) || (noun === 'task' && hasMark(verb))) {
    run.task('any', 'which command of nexo this is cannot be told');
    run.unknown('task-command', 'which command of nexo this is cannot be told');
    return true;
  }
  if (noun === 'task' || noun === 'tasks') {
    if (/^(?:add|create|new)$/.test(verb)) run.task('create', 'nexo task add adds a task');
    else if (/^(?:update|set|edit|start|done)$/.test(verb))
      run.task('update', 'nexo task update changes a task');
    else if (verb === 'close') run.task('close', 'nexo task close ends the cycle');
    else if (!/^(?:list|ls|show|)$/.test(verb)) run.task('any', 'this may change tasks');
  } else if (noun === 'mcp') {
    run.task('any', 'nexo mcp talks to the server directly');
    run.unknown('task-command', 'what the server will be told cannot be judged');
  } else if (noun === 'hook') run.gate('nexo hook is for the harness to call');
  else if (noun === 'harness') {
    if (!/^(?:list|validate|doctor|probe|)$/.test(verb) && !args.includes('--dry-run'))
      run.gate(`nexo harness ${verb.slice(0, 20)} changes the harness's settings`);
  } else if (noun === 'run' || noun === 'agent') run.agent('nexo starts an agent');
  else if (
    /^(?:status|history|context|doctor|paths|agents|skills|tags|complete|completions|conformance)$/.test(noun)
  ) {
    if (args.some((word) => /^(?:--fix|--output|--install|--junit|-o)(?:=|$)/.test(word)))
      run.write(`nexo ${noun} writes files`);
  } else if (noun === 'artifact') {
    if (args.some((word) => word.split(/[\\/]/).includes('..') || /^(?:--name=)?[\\/~]/.test(word)))
      run.gate('the artifact name is not a plain name such as reports/notes.md');
  } else if (noun === 'plan') return true;
  else if ((noun === 'memory' || noun === 'rules') && /^(?:list|show|read|search|ls|)$/.test(verb))
    return true;
  else if (
    /^(?:repair|init|merge-driver|up|daemon|schedules|scripts|plugins|persona|broker|advise)$/.test(noun) &&
    !/^(?:list|show|status|info|check)$/.test(verb) &&
    !args.includes('--dry-run')
  ) {
    run.gate(`nexo ${noun} sets things up`);
  } else if (!/^(?:list|show|status|info|check)$/.test(verb) && !args.includes('--dry-run'))
    run.write(`nexo ${noun.slice(0, 20)} may change files`);
  return true;
};
