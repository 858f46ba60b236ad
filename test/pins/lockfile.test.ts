import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const text = readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8');
const { packages } = JSON.parse(text) as {
  packages: Record<string, { version?: string; optionalDependencies?: Record<string, string> }>;
};

it('locks the packages of every platform, so that `npm ci` works everywhere', () => {
  const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
    Object.entries(optionalDependencies).flatMap(([name, version]) => (/^\d/.test(version) ? [name] : [])),
  );
  const locked = Object.keys(packages);
  const missing = wanted.filter((name) => !locked.some((place) => place.endsWith(`node_modules/${name}`)));
  expect(missing, 'run `node scripts/complete-lockfile.ts`').toEqual([]);
});

it('holds no download address', () => {
  expect(text).not.toMatch(/"resolved": "https?:/);
});
