import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;
const RULE = '-'.repeat(80);

/** The licences of every package among a bundle's inputs (paths relative to `root`), as one text. */
export function thirdPartyLicences(root: string, inputs: readonly string[]): string {
  const folders = new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined));
  const sections = [...folders].sort().map((folder) => section(join(root, folder)));
  return ['The published files of Nexo contain these packages, under their own licences.', ...sections].join(
    `\n${RULE}\n`,
  );
}

/** `node_modules/@a/b/x.js` → `node_modules/@a/b`, nested ones included; undefined for our own files. */
function packageFolder(input: string): string | undefined {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
}

function section(folder: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { name, version, license } = manifest as { name: string; version: string; license?: string };
  const files = globSync('*', { cwd: folder })
    .filter((file) => LICENCE_FILE.test(file))
    .sort();
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim());
  return [`${name} ${version} (${license ?? 'licence not declared'})`, ...texts].join('\n\n');
}
