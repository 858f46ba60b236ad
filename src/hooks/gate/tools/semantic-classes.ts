import type { GateHarness } from '../contract.ts';
import { type NativeKind, nativeNames } from './native.ts';

/** Native kinds that carry each semantic class of the vocabulary. */
const NATIVE: Readonly<Record<string, readonly NativeKind[]>> = {
  file_creation: ['edit', 'shell', 'powershell'],
  file_modification: ['edit', 'shell', 'powershell'],
  file_deletion: ['edit', 'shell', 'powershell'],
  partial_file_edit: ['edit'],
  structured_document_edit: ['notebook', 'edit'],
  shell_command_exec: ['shell', 'powershell'],
  subprocess_spawn: ['shell', 'powershell'],
  interactive_shell_session: ['shell-input', 'shell-session'],
  subagent_spawn: ['agent'],
  subagent_resume: ['message', 'agent'],
  interactive_user_question: ['question'],
};

/** Tools of our own server, the same in every harness. */
const NEXUS: Readonly<Record<string, readonly string[]>> = {
  nexus_task_creation: ['nx_task_add'],
  nexus_task_state_transition: ['nx_task_update', 'nx_task_close'],
  nexus_task_metadata_modification: ['nx_task_update', 'nx_task_close'],
  nexus_cycle_closure: ['nx_task_close'],
};

/** The tools of a harness in which a semantic class of the vocabulary shows itself; empty for an unknown class. */
export function toolsOfSemanticClass(harness: GateHarness, semanticClass: string): readonly string[] {
  const native = (NATIVE[semanticClass] ?? []).flatMap((kind) => nativeNames(harness, kind));
  return [...native, ...(NEXUS[semanticClass] ?? [])];
}

/** The classes that are mapped. A test holds them against the vocabulary, in both directions. */
export const MAPPED_SEMANTIC_CLASSES: readonly string[] = [...Object.keys(NATIVE), ...Object.keys(NEXUS)];
