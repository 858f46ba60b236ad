import type { GateHarness } from '../contract.ts';

/** What a tool of a harness itself is for. */
export type NativeKind =
  /** Only reads, or touches nothing but the harness's own display. */
  | 'read'
  /** Creates or changes files named in its input. */
  | 'edit'
  | 'notebook'
  /** Runs a command given as text or words. */
  | 'shell'
  | 'powershell'
  /** Types into a running process. */
  | 'shell-input'
  /** Reads from, or ends, a running process. */
  | 'shell-session'
  /** JavaScript of a code mode, which calls other tools. */
  | 'code'
  /** A list of calls to other tools. */
  | 'batch'
  | 'agent'
  /** Talks to an agent that runs already. */
  | 'message'
  | 'question'
  /** Makes or removes a work tree. */
  | 'worktree'
  /** Changes the harness's settings. */
  | 'settings';

type Table = Readonly<Partial<Record<NativeKind, string>>>;

/** Names in lower case, separated by spaces. Claude Code 2.1, Codex 0.169, OpenCode 1.18, and names they had before. */
const TABLES: Readonly<Record<GateHarness, Table>> = {
  claude: {
    edit: 'edit write multiedit update create strreplace str_replace_based_edit_tool',
    notebook: 'notebookedit',
    shell: 'bash monitor',
    powershell: 'powershell',
    'shell-session': 'bashoutput killshell killbash taskoutput taskstop agentoutputtool',
    code: 'repl',
    agent: 'agent task workflow teamcreate croncreate schedulewakeup remotetrigger',
    message: 'sendmessage',
    question: 'askuserquestion',
    worktree: 'enterworktree exitworktree',
    settings: 'config',
    read:
      'read ls glob grep notebookread webfetch websearch lsp toolsearch skill slashcommand listmcpresources ' +
      'listmcpresourcestool readmcpresource readmcpresourcetool readmcpresourcedirtool todowrite todoread taskcreate ' +
      'taskupdate tasklist taskget enterplanmode exitplanmode structuredoutput teamdelete cronlist crondelete ' +
      'pushnotification senduserfile waitformcpservers sleep brief',
  },
  codex: {
    edit: 'apply_patch applypatch edit write multiedit',
    shell:
      'bash shell shell_command exec_command exec local_shell local_shell_call unified_exec container.exec ' +
      'container_exec',
    'shell-input': 'write_stdin',
    code: 'js_repl code_mode',
    agent: 'agent task spawn_agent spawn_agents_on_csv resume_agent assign_task followup_task',
    message: 'send_input send_message',
    question: 'request_user_input request_user_input_async request_permissions',
    read:
      'update_plan view_image web_search read_file list_dir grep_files list_mcp_resources ' +
      'list_mcp_resource_templates read_mcp_resource tool_search tool_suggest wait wait_agent close_agent list_agents ' +
      'interrupt_agent js_repl_reset get_goal create_goal update_goal image_view sleep report_agent_job_result',
  },
  opencode: {
    edit: 'edit write multiedit patch apply_patch',
    shell: 'bash shell',
    'shell-input': 'pty_write',
    'shell-session': 'pty_read pty_list pty_kill',
    batch: 'batch',
    code: 'execute',
    agent: 'task actor',
    question: 'question',
    read:
      'read glob grep list ls webfetch web_fetch websearch web_search codesearch todowrite todoread skill lsp ' +
      'plan_enter plan_exit invalid structuredoutput',
  },
};

/** Names that more than one harness might grow; looked up after the tables. */
const COMMON: Table = { batch: 'batch multi_tool_use.parallel parallel_tool_calls', code: 'code_execution' };

const lookups = new Map<GateHarness, ReadonlyMap<string, NativeKind>>();

/** The kind of a native tool by its name, spaces and case aside; a name of another harness counts when free here. */
export function findNativeTool(harness: GateHarness, name: string): NativeKind | undefined {
  let lookup = lookups.get(harness);
  if (lookup === undefined) {
    lookup = createLookup(harness);
    lookups.set(harness, lookup);
  }
  return lookup.get(foldToolName(name));
}

export function foldToolName(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

function createLookup(harness: GateHarness): ReadonlyMap<string, NativeKind> {
  const others = (Object.keys(TABLES) as GateHarness[])
    .filter((each) => each !== harness)
    .map((each) => TABLES[each]);
  const lookup = new Map<string, NativeKind>();
  for (const table of [TABLES[harness], ...others, COMMON]) {
    for (const [kind, names] of Object.entries(table)) {
      for (const name of names.split(' ')) if (!lookup.has(name)) lookup.set(name, kind as NativeKind);
    }
  }
  return lookup;
}

/** Native names of one kind in one harness. */
export function nativeNames(harness: GateHarness, kind: NativeKind): readonly string[] {
  return TABLES[harness][kind]?.split(' ') ?? [];
}
