import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { renderArgv, resolveParams } from './parameters.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,6}$/);
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '; rm -rf /',
    '$(id)',
    '`id`',
    "'",
    '"',
    '\n',
    '--help',
    '{{who}}',
    '$&',
    "$'",
    '{{file_path}}',
    '',
  ),
);
const value = fc.oneof(hostile, fc.integer(), fc.boolean(), fc.constant(null), fc.array(hostile));
/** Not the names of what is built in. */
const params = fc.dictionary(name, value);
const token = fc.oneof(
  name.map((each) => `{{${each}}}`),
  fc.tuple(fc.string(), name, fc.string()).map(([before, each, after]) => `${before}{{ ${each} }}${after}`),
  fc.string(),
);
const builtIns = { file_path: '/staged/script.sh', skill_id: 'SK-X', skill_name: 'x' };

describe('renderArgv', () => {
  it('never lets a value leave its argument, be read as a template, or become another argument', () => {
    fc.assert(
      fc.property(fc.array(token), params, (template, given) => {
        const argv = renderArgv(['{{file_path}}', ...template], given, builtIns);
        expect(argv[0]).toBe('/staged/script.sh');
        // One by one gives the same: no argument depends on another's value.
        const apart = template.flatMap((each) => renderArgv([each], given, builtIns));
        expect(argv.slice(1)).toEqual(apart);
        for (const each of template)
          expect(renderArgv([each], given, builtIns).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('hands over a text as it is, whatever it holds', () => {
    fc.assert(
      fc.property(hostile, fc.stringMatching(/^[a-z=-]{0,8}$/), (text, before) => {
        expect(renderArgv([`${before}{{who}}`], { who: text }, builtIns)).toEqual([`${before}${text}`]);
      }),
    );
  });

  it('lets no parameter take the name of what is built in', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(renderArgv(undefined, { file_path: text, skill_id: text }, builtIns)).toEqual([
          '/staged/script.sh',
        ]);
      }),
    );
  });
});

describe('resolveParams', () => {
  const spec = fc.record({
    type: fc.constantFrom('string', 'integer', 'number', 'boolean', 'toString'),
    required: fc.boolean(),
    default: fc.option(value, { nil: undefined }),
    enum: fc.option(fc.array(value, { maxLength: 3 }), { nil: undefined }),
  });

  it('tells every fault, or gives every value that was passed and each default', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(name, fc.constant('__proto__')), spec), params, (schema, given) => {
        const resolved = resolveParams(schema, given);
        if (!resolved.ok) {
          expect(resolved.errors.length).toBeGreaterThan(0);
          return;
        }
        for (const [key, each] of Object.entries(given)) expect(resolved.params[key]).toBe(each);
        for (const [key, { required }] of Object.entries(schema))
          if (required) expect(Object.hasOwn(resolved.params, key)).toBe(true);
      }),
    );
  });
});
