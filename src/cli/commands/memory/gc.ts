import { isSwitchOn } from '../../../base/switch.ts';
import { NexoError } from '../../../errors.ts';
import { collectMemory } from '../../../workspace/memory-gc.ts';
import { DEFAULT_THRESHOLDS, KEEP_TAG, MIN_SIGNALS } from '../../../workspace/memory-signals.ts';
import { defineCommand } from '../../command.ts';
import { toggle, wholeNumber } from '../../flags.ts';
import { renderItems } from '../../render/catalog.ts';
import { readsOf } from '../../render/memory.ts';
import { count } from '../../render/words.ts';

const { idleDays, idleCycles, maxReads } = DEFAULT_THRESHOLDS;

export default defineCommand({
  description:
    `Lists the notes in .nexus/memory/ that could be forgotten: those with at least ${MIN_SIGNALS} independent ` +
    `signals and without the tag "${KEEP_TAG}". With --apply it deletes the notes that you name, each in a commit of ` +
    'its own that says how to bring it back; nothing else that is staged or changed is touched.',
  example: 'nexo memory gc --dry-run',
  flags: {
    apply: toggle('delete the named notes'),
    auto: toggle('delete all candidates; only with NEXO_MEMORY_AUTO_DELETE=on'),
    dryRun: toggle('only say what would be done'),
    idleDays: wholeNumber(`days without a read or a change; ${idleDays} unless said`, 'days'),
    idleCycles: wholeNumber(`cycles closed since then; ${idleCycles} unless said`),
    maxReads: wholeNumber(`reads at most; ${maxReads} unless said`),
  },
  positionals: [
    { name: 'name', description: 'the notes to judge, or with --apply to delete', variadic: true },
  ],
  stopsItself: true,
  run: async ({ flags, words, context }) => {
    if (flags.apply && flags.auto) throw new NexoError('USAGE', '--apply and --auto do not go together.');
    if (flags.apply && words.length === 0)
      throw new NexoError('USAGE', '--apply needs the names of the notes to delete.', {
        hint: 'nexo memory gc lists the candidates.',
      });
    if (flags.auto && words.length > 0)
      throw new NexoError('USAGE', '--auto takes no names: it deletes every candidate.');
    if (flags.auto && !isSwitchOn(context.io.env.NEXO_MEMORY_AUTO_DELETE))
      throw new NexoError('USAGE', 'Automatic deletion is off.', {
        hint: 'Set NEXO_MEMORY_AUTO_DELETE=on to allow it, or name the notes with --apply.',
      });
    return collectMemory(await context.workspace(), {
      mode: flags.apply ? 'apply' : flags.auto ? 'auto' : 'list',
      words,
      dryRun: flags.dryRun,
      signal: context.io.signal,
      thresholds: {
        idleDays: flags.idleDays ?? idleDays,
        idleCycles: flags.idleCycles ?? idleCycles,
        maxReads: flags.maxReads ?? maxReads,
      },
    });
  },
  failed: ({ refused }) => refused.length > 0,
  render: ({ mode, dry_run, tracking, notes, forgotten, refused }, view) => {
    const { ink, marks } = view;
    const lines: string[] = [];
    if (mode === 'list') {
      const candidates = notes.filter(({ candidate }) => candidate).length;
      lines.push(ink.bold(candidates === 0 ? 'No candidates' : count(candidates, 'candidate')));
      lines.push(
        ...renderItems(
          notes.map(({ note, signals, kept, candidate }) => ({
            columns: [note.name, candidate ? 'candidate' : kept ? 'kept' : 'stays', readsOf(note)],
            lines: signals.map(({ name, says }) => `${name}: ${says}`),
          })),
          view,
        ),
      );
      if (candidates > 0) lines.push(`${ink.accent(marks.arrow)} nexo memory gc --apply NAME…`);
    }
    for (const { name, commit, restore } of forgotten) {
      lines.push(
        dry_run
          ? `${ink.warn(marks.warning)} ${name} would be deleted; it can be brought back`
          : `${ink.good(marks.done)} ${name} deleted in ${(commit ?? '').slice(0, 12)}`,
      );
      if (restore !== null) lines.push(`  ${ink.accent(marks.arrow)} ${restore}`);
    }
    for (const { code, message, hint } of refused) {
      lines.push(`${ink.bad(marks.failure)} ${message} [${code}]`);
      if (hint !== null) lines.push(`  ${ink.accent(marks.arrow)} ${hint}`);
    }
    if (mode === 'auto' && forgotten.length + refused.length === 0)
      lines.push('No candidates: nothing deleted.');
    if (mode !== 'apply' && tracking.problem !== null) lines.push(...view.paragraph(tracking.problem, ''));
    return lines.join('\n');
  },
});
