import { systemClock } from '../../base/clock.ts';
import { NexoError } from '../../errors.ts';
import { resolveHomePaths } from '../../home/paths.ts';
import { AUTOMATION_BACKENDS, preferenceFiles, showPreferences } from '../../runner/tiers/preferences.ts';
import { TIERS, toTier } from '../../runner/tiers/tier.ts';
import { loadTiersTable, tiersFilePlaces } from '../../runner/tiers/tiers-file.ts';
import { writePreferences } from '../../runner/tiers/write-preferences.ts';
import { defineCommand } from '../command.ts';
import { choice, text, toggle } from '../flags.ts';
import { pad } from '../render/width.ts';
import { oneOf } from '../render/words.ts';

export default defineCommand({
  description:
    'Shows or sets what you prefer for runs: the tier for your own scripts, whether anything may run by itself, and ' +
    'the backend. Written to personal/brain/calibration.json and personal/config/schedule.json.',
  example: 'nexo preferences --resonance medio',
  flags: {
    resonance: text(`the tier for what names none: ${oneOf(TIERS)}`, { placeholder: 'tier' }),
    automationEnabled: toggle('let scripts and schedules run agents'),
    automationDisabled: toggle('let nothing run an agent by itself'),
    automationBackend: choice(AUTOMATION_BACKENDS, 'what runs agents', 'name'),
    show: toggle('only show; the same as no flag'),
  },
  run: async ({ flags, context: { io } }) => {
    const paths = resolveHomePaths(io.env, io.userHome());
    const files = preferenceFiles(paths);
    const { automationEnabled, automationDisabled, automationBackend, show } = flags;
    if (automationEnabled && automationDisabled)
      throw new NexoError('USAGE', '--automation-enabled and --automation-disabled contradict one another.');
    const resonance = flags.resonance === undefined ? undefined : readTier(flags.resonance);
    const enabled = automationEnabled ? true : automationDisabled ? false : undefined;
    const isChange = resonance !== undefined || enabled !== undefined || automationBackend !== undefined;
    if (show && isChange)
      throw new NexoError('USAGE', '--show changes nothing; leave it out to set something.');
    let backup: string | null = null;
    if (isChange) {
      const changes = { resonance, automationEnabled: enabled, automationBackend };
      ({ backup } = await writePreferences(files, changes, systemClock));
    }
    const { defaultTier } = loadTiersTable(tiersFilePlaces(paths));
    return { ...showPreferences(files, defaultTier), ...(backup === null ? {} : { backup }) };
  },
  render: (shown, { ink, marks }) =>
    [
      `${ink.bold(pad('tier', 12))} ${shown.default_resonance} ${ink.dim(`(${shown.default_resonance_source})`)}`,
      `${ink.bold(pad('automation', 12))} ${shown.automation_enabled ? 'on' : 'off'}`,
      `${ink.bold(pad('backend', 12))} ${shown.automation_backend}`,
      ...(shown.automation_backend === 'scripted'
        ? [
            `${ink.dim(marks.bullet)} The built-in scripted backend only echoes. Choose one: nexo preferences --automation-backend claude_code`,
          ]
        : []),
      ...shown.warnings.map((warning) => `${ink.warn(marks.warning)} ${warning}`),
      ...('backup' in shown
        ? [`${ink.dim(marks.bullet)} The older form of the file is kept in ${shown.backup}`]
        : []),
    ].join('\n'),
});

function readTier(word: string): (typeof TIERS)[number] {
  const tier = toTier(word);
  if (tier !== undefined) return tier;
  throw new NexoError('USAGE', `--resonance takes ${oneOf(TIERS)}, not "${word}".`);
}
