import { withoutUndefined } from '../base/without-undefined.ts';
import { type ErrorCode, NexoError } from '../errors.ts';
import { findWorkspaceTool } from '../workspace/tools.ts';
import { type Command, type CommandContext, defineCommand } from './command.ts';
import type { FlagTable, FlagValues } from './flags.ts';
import { renderFailure } from './render/failure.ts';
import type { View } from './render/view.ts';

/** A command that is one tool of the workspace contract: the same function, schema and errors as over MCP. */
export interface ToolCommandSpec<F extends FlagTable, Result extends object> {
  /** The tool's name in the contract. */
  readonly tool: string;
  readonly description: string;
  readonly example: string;
  readonly flags: F;
  /** The tool's arguments from the flags; what is undefined is left out. */
  input(flags: FlagValues<F>, context: CommandContext): object | Promise<object>;
  /** `Result` is the tool's return in the contract. */
  render(result: Result, view: View): string;
}

export function defineToolCommand<const F extends FlagTable, Result extends object>(
  spec: ToolCommandSpec<F, Result>,
): Command {
  return defineCommand<F, Result>({
    description: spec.description,
    example: spec.example,
    flags: spec.flags,
    run: async ({ flags, context }) => {
      const tool = findWorkspaceTool(spec.tool);
      if (tool === undefined) throw new Error(`There is no workspace tool ${spec.tool}`);
      const input = withoutUndefined(await spec.input(flags, context));
      try {
        // The contract fixes each tool's return, and the tool's own tests hold it to that.
        const workspace = await context.workspace();
        const result = (await tool.run(workspace, input)) as Result;
        const problem = tool.problem(workspace);
        if (problem !== undefined) context.note(renderFailure(problem, context.view).trimEnd());
        return result;
      } catch (error) {
        throw withShellHint(error);
      }
    },
    render: spec.render,
  });
}

/** The contract fixes these messages to the letter; what to do about them in a shell is said here. */
const SHELL_HINTS: Partial<Record<ErrorCode, string>> = {
  PLAN_NOT_ACTIVE: 'Open a plan first: nexo plan start --help',
  PLAN_ISSUE_NOT_FOUND: 'nexo plan status shows the issues.',
  PLAN_FIELD_MISSING: 'nexo plan update --help shows what each action takes.',
  TASKS_MISSING: 'There is no task yet; add the first: nexo task add --help',
  TASK_NOT_FOUND: 'nexo task list shows the tasks.',
};

function withShellHint(error: unknown): unknown {
  if (!(error instanceof NexoError) || error.hint !== undefined) return error;
  const hint = SHELL_HINTS[error.code];
  if (hint === undefined) return error;
  const { code, message, data, cause } = error;
  return new NexoError(code, message, { hint, cause, ...(data === undefined ? {} : { data }) });
}
