import type { DaemonState } from '../../daemon/launch.ts';
import type { DaemonStatus } from '../../daemon/status.ts';
import type { View } from './view.ts';
import { pad } from './width.ts';
import { dotted, roughly, shortTime } from './words.ts';

/** How many of the jobs that are due next are shown. */
const SHOWN_NEXT = 5;

/** The daemon at a glance: whether it runs, its parts, and what is due next. */
export function renderStatus(state: DaemonState & { readonly program_version?: string }, view: View): string {
  const { ink, marks } = view;
  if (!state.running) return `${marks.ready} No daemon is running.\n${marks.arrow} nexo daemon start`;
  if ('problem' in state) {
    return `${ink.warn(marks.warning)} ${state.problem}\n${marks.arrow} nexo daemon logs, or nexo daemon restart`;
  }
  const mark = state.ready ? ink.good(marks.done) : ink.warn(marks.warning);
  const word = state.stopping ? 'is stopping' : state.ready ? 'is ready' : 'is not ready';
  const facts = dotted(
    [
      `process ${state.pid}`,
      `up for ${roughly(state.uptime_seconds * 1000)}`,
      `version ${state.version}`,
      state.http,
    ],
    marks.bullet,
  );
  return [
    `${mark} ${ink.bold(`The daemon ${word}`)}`,
    `  ${ink.dim(facts)}`,
    ...otherVersion(state, view),
    ...parts(state, view),
    ...next(state, view),
  ].join('\n');
}

function otherVersion(
  { version, program_version: ours }: DaemonStatus & { readonly program_version?: string },
  { ink, marks }: View,
): string[] {
  if (ours === undefined || ours === version) return [];
  return [
    `${ink.warn(marks.warning)} It is version ${version}, and this program is ${ours}.`,
    `${marks.arrow} nexo daemon restart`,
  ];
}

function parts({ parts: all }: DaemonStatus, { ink, marks }: View): string[] {
  const width = Math.max(0, ...all.map(({ name }) => name.length));
  return all.map(({ name, ready, detail, restarts }) => {
    const mark = ready ? ink.good(marks.done) : ink.warn(marks.warning);
    const again = restarts === 0 ? undefined : `started again ${restarts} times`;
    const told = dotted([detail ?? (ready ? 'ready' : 'starting'), again], marks.bullet);
    return `  ${mark} ${pad(name, width)}  ${told}`;
  });
}

function next({ parts: all }: DaemonStatus, { ink }: View): string[] {
  const due = all.flatMap((part) => part.next ?? []).sort((a, b) => a.due_at.localeCompare(b.due_at));
  if (due.length === 0) return [];
  const shown = due.slice(0, SHOWN_NEXT).map(({ name, due_at }) => `  ${shortTime(due_at)}  ${name}`);
  const rest = due.length - shown.length;
  return [ink.bold('Next, in UTC'), ...shown, ...(rest > 0 ? [ink.dim(`  and ${rest} more`)] : [])];
}
