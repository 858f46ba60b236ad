import { closeLock } from '../base/lock.ts';
import { NexoError } from '../errors.ts';
import { findWorkspaceTool, toolErrorText } from '../workspace/tools.ts';
import { openWorkspace, workspacePaths } from '../workspace/workspace.ts';
import { failedOutcome, type OpenToolCaller, returnedOutcome } from './tool-caller.ts';

/** Calls our own tools as functions of this process. */
export const openInProcess: OpenToolCaller = async ({ root, harnessId }) => {
  const workspace = openWorkspace(root, { harnessId });
  return {
    call: async (name, params) => {
      const tool = findWorkspaceTool(name);
      if (tool === undefined) return failedOutcome(`Unknown tool ${name}`);
      try {
        // Through JSON, as every other door would hand it over.
        return returnedOutcome(
          JSON.parse(JSON.stringify(await tool.run(workspace, structuredClone(params)))),
        );
      } catch (error) {
        if (error instanceof NexoError) return failedOutcome(toolErrorText(error));
        throw error;
      }
    },
    close: async () => closeLock(workspacePaths.lock(root)),
  };
};
