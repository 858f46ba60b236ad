/** Files that a patch names, in the `*** Begin Patch` form and in unified diffs. Undefined when it names none. */
export function patchTargets(patch: string): string[] | undefined {
  const targets = new Set<string>();
  for (const line of patch.split(/\r?\n/)) {
    const marked =
      /^\s*\*\*\* (?:Add File|Update File|Delete File|Move to|Move File|Rename to|Copy to):\s?(.+)$/i.exec(
        line,
      );
    const unified = /^(?:---|\+\+\+) ([^\t]+)/.exec(line);
    const git = /^(?:rename to|rename from|copy to) (.+)$/.exec(line);
    const name = (
      marked?.[1] ??
      git?.[1] ??
      (unified === null ? undefined : withoutPrefix(unified[1] ?? ''))
    )?.trim();
    if (name !== undefined && name !== '' && name !== '/dev/null')
      targets.add(name.replace(/^"(.*)"$/, '$1'));
  }
  return targets.size === 0 ? undefined : [...targets];
}

function withoutPrefix(name: string): string {
  return name.replace(/^[abciow]\//, '');
}
