import * as z from 'zod';

import { NexoError } from '../../errors.ts';
import type { ToolWorld } from '../server-tool.ts';
import { defineHomeTool } from './define-home-tool.ts';

/** `nexo_doctor`: the same doctor as the command's. */
export const doctorTool = defineHomeTool({
  name: 'nexo_doctor',
  title: 'Doctor',
  description:
    'Looks at everything that Nexo depends on and says what is wrong and what to do; fix=true puts right what needs no decision.',
  hints: 'replace',
  input: z.strictObject({
    tier: z.string().max(40).optional().describe('boot (default), runtime, deep or all'),
    fix: z.boolean().optional(),
    output: z.string().max(40).optional().describe('text (default): what is wrong; json: every check'),
    plane: z.string().max(40).optional(),
    script: z.string().max(200).optional().describe('only this personal script'),
  }),
  output: {
    overall_status: z.enum(['healthy', 'degraded', 'critical']),
    counts: z.record(z.string(), z.number()),
    text: z.string(),
    checks: z.array(z.looseObject({ id: z.string(), status: z.string() })),
    duration_ms: z.number(),
  },
  run: async (world, { tier = 'boot', fix = false, output = 'text', plane, script }) => {
    if (output !== 'text' && output !== 'json') {
      throw new NexoError('INPUT_INVALID', `There is no output "${output}".`, {
        hint: 'Ask for text or json.',
      });
    }
    const { createDoctorContext } = await import('../../doctor/world.ts');
    const { runDoctor } = await import('../../doctor/run.ts');
    const { programFile } = await import('../../automation/schedules/start-run.ts');
    const { env, userHome } = world;
    const report = await runDoctor({
      tier,
      fix,
      plane,
      context: createDoctorContext({
        env,
        userHome,
        script,
        projectRoot: await projectRoot(world),
        program: programFile(),
      }),
    });
    if (output === 'json') return report;
    const { outlineReport } = await import('../../doctor/outline.ts');
    const { overall_status, counts, duration_ms } = report;
    return { overall_status, counts, text: outlineReport(report), duration_ms };
  },
});

/** Outside of any project the rest is still worth looking at. */
async function projectRoot(world: ToolWorld): Promise<string | undefined> {
  try {
    return (await world.workspace()).root;
  } catch (error) {
    if (error instanceof NexoError) return undefined;
    throw error;
  }
}
