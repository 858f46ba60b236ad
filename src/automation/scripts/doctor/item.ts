export type ItemLevel = 'pass' | 'warn' | 'fail';

/** One thing that the doctor looked at. */
export interface DoctorItem {
  readonly level: ItemLevel;
  readonly msg: string;
}

export interface ScriptReport {
  /** The worst level of the items. */
  readonly status: ItemLevel;
  readonly items: readonly DoctorItem[];
  /** Missing when there is no such script. */
  readonly name?: string;
  readonly path?: string;
}

export const pass = (msg: string): DoctorItem => ({ level: 'pass', msg });
export const warn = (msg: string): DoctorItem => ({ level: 'warn', msg });
export const fail = (msg: string): DoctorItem => ({ level: 'fail', msg });

export function worstOf(items: readonly DoctorItem[]): ItemLevel {
  if (items.some(({ level }) => level === 'fail')) return 'fail';
  return items.some(({ level }) => level === 'warn') ? 'warn' : 'pass';
}
