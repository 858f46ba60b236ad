import type { AgentConfig } from './agent-schema.ts';

/** One thing that an agent of a pack may do beyond what an agent does anyway. */
export interface Privilege {
  /** `auto_approve`, `inbound_bindings[0].auto_approve`. */
  readonly key: string;
  /** Goes on after the agent's name: `approves its own actions`. */
  readonly message: string;
}

/** What an operator should know before an agent of somebody else runs with these settings. */
export function privilegesOf(agent: AgentConfig): Privilege[] {
  const found = ownPrivileges(agent, '');
  if ((agent.allowed_tools ?? []).length === 0)
    found.push({ key: 'allowed_tools', message: 'may use every tool, because it lists none' });
  for (const [at, binding] of (agent.inbound_bindings ?? []).entries()) {
    found.push(...ownPrivileges(binding, `inbound_bindings[${at}].`));
    if (binding.allowed_tools?.length === 0)
      found.push({
        key: `inbound_bindings[${at}].allowed_tools`,
        message: `may use every tool in what comes through ${binding.plugin}`,
      });
  }
  return found;
}

type Settings = Pick<AgentConfig, 'auto_approve' | 'dispatch_policy' | 'config_tool' | 'proactive'>;

function ownPrivileges(settings: Settings, prefix: string): Privilege[] {
  const found: Privilege[] = [];
  const add = (key: string, message: string): void => {
    found.push({ key: `${prefix}${key}`, message });
  };
  if (settings.auto_approve === true) add('auto_approve', 'approves its own actions');
  if (settings.dispatch_policy?.mode === 'full')
    add('dispatch_policy.mode', 'may hand any work to other programs');
  if (settings.config_tool?.self_edit === true)
    add('config_tool.self_edit', 'may change its own configuration');
  return found;
}
