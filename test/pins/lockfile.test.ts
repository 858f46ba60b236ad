import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

describe.each(['.', 'test/clients'])('the lockfile of %s', (folder) => {
  const text = readFileSync(join(import.meta.dirname, '../..', folder, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as {
    packages: Record<string, { version?: string; optionalDependencies?: Record<string, string> }>;
  };

  it('has the packages of every platform, so that `npm ci` works everywhere', () => {
    const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
      Object.entries(optionalDependencies).flatMap(([name, version]) => (/^\d/.test(version) ? [name] : [])),
    );
    const locked = Object.keys(packages);
    const missing = wanted.filter((name) => !locked.some((place) => place.endsWith(`node_modules/${name}`)));
    expect(missing, `run \`node scripts/complete-lockfile.ts ${folder}\``).toEqual([]);
  });

  it('holds no download address', () => {
    expect(text).not.toMatch(/"resolved": "https?:/);
  });
});
