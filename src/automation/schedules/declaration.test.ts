import { describe, expect, it } from 'vitest';

import { readDeclaration, sharedCronIds } from './declaration.ts';

const BASE = { name: 'x', runtime: 'python', cron_id: 'x', schedule_required: 'true' };
const read = (more: Record<string, string>) => readDeclaration({ ...BASE, ...more });
const codes = (values: Record<string, string>) => readDeclaration(values).problems.map(({ code }) => code);

describe('readDeclaration accepts', () => {
  it.each([
    ['a daily time', { schedule: '09:00' }, 'calendar', '09:00 daily', 'catchup', true, 172_800],
    ['a weekly time', { schedule: '09:00:1' }, 'calendar', '09:00 weekday=1', 'catchup', true, 1_209_600],
    ['Sunday as 0', { schedule: '09:00:0' }, 'calendar', '09:00 weekday=0', 'catchup', true, 1_209_600],
    ['a time without zeros', { schedule: '9:5' }, 'calendar', '09:05 daily', 'catchup', true, 172_800],
    ['an interval', { interval_seconds: '300' }, 'interval', 'every 300s', 'run_once_on_wake', true, 1200],
    ['a short interval', { interval_seconds: '60' }, 'interval', 'every 60s', 'run_once_on_wake', true, 960],
    [
      'a daemon',
      { recovery_policy: 'restart_daemon' },
      'keep_alive',
      'keep alive',
      'restart_daemon',
      false,
      0,
    ],
  ])('%s', (_name, more, type, label, policy, wake, age) => {
    expect(read(more)).toMatchObject({
      required: true,
      valid: true,
      error: '',
      problems: [],
      scheduleType: type,
      scheduleLabel: label,
      recoveryPolicy: policy,
      runOnWake: wake,
      maxCatchupAge: age,
      idempotent: true,
    });
  });

  it('a daily time that is never caught up', () => {
    const found = read({ schedule: '09:00', recovery_policy: 'none' });
    expect(found).toMatchObject({ valid: true, runOnWake: false, idempotent: false, recoveryPolicy: 'none' });
  });

  it('an interval with restart_daemon as an interval', () => {
    const found = read({ interval_seconds: '60', recovery_policy: 'restart_daemon' });
    expect(found).toMatchObject({
      valid: true,
      scheduleType: 'interval',
      idempotent: true,
      runOnBoot: false,
    });
  });

  it('a script that declares no schedule', () => {
    expect(readDeclaration({ name: 'x' })).toMatchObject({
      required: false,
      valid: true,
      recoveryPolicy: 'none',
      scheduleType: null,
      cronId: 'x',
    });
  });

  it('policies and booleans in any case, and lets what is written override the defaults', () => {
    const more = { schedule: '09:00', recovery_policy: 'CatchUp', run_on_boot: 'YES', run_on_wake: 'off' };
    const found = read({ ...more, idempotent: '0', max_catchup_age: '60' });
    expect(found).toMatchObject({
      valid: true,
      recoveryPolicy: 'catchup',
      runOnBoot: true,
      runOnWake: false,
    });
    expect(found).toMatchObject({ idempotent: false, maxCatchupAge: 60 });
  });

  it('a catch-up age of 0 as not given', () => {
    expect(read({ schedule: '09:00', max_catchup_age: '0' }).maxCatchupAge).toBe(172_800);
  });

  it('a daemon that starts with the machine', () => {
    expect(read({ recovery_policy: 'restart_daemon' })).toMatchObject({
      runOnBoot: true,
      scheduleValue: 'true',
    });
  });
});

describe('readDeclaration refuses', () => {
  it.each([
    ['24:00', 'schedule.time_range'],
    ['-1:00', 'schedule.time_range'],
    ['09:60', 'schedule.time_range'],
    ['09:00:7', 'schedule.weekday_range'],
    ['09:00:-1', 'schedule.weekday_range'],
    ['monthly:1', 'schedule.format'],
    ['2d', 'schedule.format'],
    ['0 9 * * *', 'schedule.format'],
    ['*/5 * * * *', 'schedule.format'],
    ['9:00:1:2', 'schedule.format'],
    ['monthly', 'schedule.format'],
    ['daily:09', 'schedule.format'],
    ['09:00 ', ''],
    ['٠٩:٠٠', 'schedule.format'],
    ['+9:00', 'schedule.format'],
    ['9.5:00', 'schedule.format'],
    ['1e1:00', 'schedule.format'],
    ['09:', 'schedule.format'],
    [`${'9'.repeat(5000)}:00`, 'schedule.time_range'],
  ])('schedule=%s', (schedule, code) => {
    expect(codes({ ...BASE, schedule })).toEqual(code === '' ? [] : [code]);
  });

  it.each([
    ['5m', 'interval.not_integer'],
    ['1e3', 'interval.not_integer'],
    ['0', 'interval.not_positive'],
    ['-3', 'interval.not_positive'],
    ['9'.repeat(400), 'interval.too_large'],
  ])('interval_seconds=%s', (interval_seconds, code) => {
    expect(codes({ ...BASE, interval_seconds })).toEqual([code]);
  });

  it.each([
    ['both modes at once', { ...BASE, interval_seconds: '300', schedule: '09:00' }, ['schedule.conflict']],
    ['nothing at all', BASE, ['schedule.missing']],
    [
      'an unknown policy',
      { ...BASE, schedule: '09:00', recovery_policy: 'sometimes' },
      ['recovery_policy.invalid'],
    ],
    [
      'an age that is no number',
      { ...BASE, schedule: '09:00', max_catchup_age: 'x' },
      ['max_catchup_age.not_integer'],
    ],
    ['a negative age', { ...BASE, schedule: '09:00', max_catchup_age: '-1' }, ['max_catchup_age.negative']],
    ['another runtime', { ...BASE, schedule: '09:00', runtime: 'ruby' }, ['runtime.invalid']],
    ['a bad policy on a script without a schedule', { recovery_policy: 'x' }, ['recovery_policy.invalid']],
    ['an id with a path in it', { ...BASE, schedule: '09:00', cron_id: '../x' }, ['cron_id.invalid']],
    ['an id in capitals', { ...BASE, schedule: '09:00', cron_id: 'Morning' }, ['cron_id.invalid']],
    ['an id that is too long', { ...BASE, schedule: '09:00', cron_id: 'a'.repeat(129) }, ['cron_id.invalid']],
    ['the id of the daemon', { ...BASE, schedule: '09:00', cron_id: 'daemon' }, ['cron_id.invalid']],
  ])('%s', (_name, values, expected) => {
    expect(codes(values)).toEqual(expected);
  });

  it('a schedule without the four keys, and lists them together', () => {
    const { valid, error } = readDeclaration({ schedule: '09:00' });
    expect(valid).toBe(false);
    expect(error).toBe('A scheduled script must declare name, runtime, cron_id, schedule_required=true.');
  });

  it('an interval without an id, and lists what is missing', () => {
    const { error } = readDeclaration({ name: 'x', runtime: 'python', interval_seconds: '60' });
    expect(error).toBe('A scheduled script must declare cron_id, schedule_required=true.');
  });

  it('a key that is set twice to different values', () => {
    const found = readDeclaration({ ...BASE, schedule: '09:00' }, { conflicting: ['schedule', 'category'] });
    expect(found.problems.map(({ code, key }) => `${code} ${key}`)).toEqual(['metadata.conflict schedule']);
  });

  it('everything at once, in the order of the rules', () => {
    const values = { schedule: '25:00:9', interval_seconds: 'x', recovery_policy: 'y', max_catchup_age: 'z' };
    expect(codes({ ...values, runtime: 'ruby', cron_id: 'A B' })).toEqual([
      'recovery_policy.invalid',
      'max_catchup_age.not_integer',
      'runtime.invalid',
      'scheduled.missing_keys',
      'cron_id.invalid',
      'schedule.conflict',
      'interval.not_integer',
      'schedule.time_range',
      'schedule.weekday_range',
    ]);
  });

  it('keys that only an object prototype has', () => {
    expect(readDeclaration(JSON.parse('{"__proto__": {"schedule": "09:00"}}')).required).toBe(false);
  });
});

describe('the hints', () => {
  const hint = (more: Record<string, string>) => read(more).problems[0]?.hint ?? '';
  it.each([
    ['monthly:1', 'run daily (schedule=09:00)'],
    ['2d', 'interval_seconds=172800'],
    ['every 15 minutes', 'interval_seconds=900'],
    ['0 9 * * *', 'Cron expressions are not supported'],
    ['@hourly', 'interval_seconds=3600'],
    ['@reboot', 'run_on_boot=true'],
    ['09:00:mon', 'schedule=09:00:1'],
    ['09:00 weekday=3', 'schedule=09:00:3'],
    ['Friday 17:30', 'schedule=17:30:5'],
    ['9pm', 'schedule=21:00'],
    ['12:30 am', 'schedule=00:30'],
    ['daily:09', 'schedule=09:00'],
    ['weekly', 'schedule=09:00:1'],
    ['09:00:7', 'schedule=09:00:0'],
    ['tomorrow', 'schedule=HH:MM'],
  ])('for schedule=%s say %s', (schedule, expected) => {
    expect(hint({ schedule })).toContain(expected);
  });

  it('turn a unit into seconds', () => {
    expect(hint({ interval_seconds: '5m' })).toContain('interval_seconds=300');
    expect(hint({ interval_seconds: 'often' })).toContain('interval_seconds=300');
  });

  it('suggest an id', () => {
    expect(hint({ schedule: '09:00', cron_id: 'My Report!' })).toContain('cron_id=my-report');
  });
});

describe('sharedCronIds', () => {
  it('finds ids that two scripts declare, whatever their case', () => {
    const script = (path: string, cron_id: string) => ({
      path,
      declaration: readDeclaration({ ...BASE, schedule: '09:00', cron_id }),
    });
    const shared = sharedCronIds([script('a', 'x'), script('b', 'X'), script('c', 'y')]);
    expect([...shared]).toEqual([['x', ['a', 'b']]]);
  });
});
