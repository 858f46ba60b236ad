/** Names that are never part of a release: history, build files, what a release carries beside the archive. */
const LEFT_OUT = new Set(['CHANGELOG.md', 'install.sh', 'node_modules', 'dist']);
const LEFT_OUT_ENDS = /\.(tar\.gz|tgz|sha256|sig|cert|pem|bundle|sigstore\.json)$|~$/;

/** Whether a path of an author's folder stays out of the archive: hidden files, build files, earlier releases. */
export function isLeftOut(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const isAtTop = name === path;
  return name.startsWith('.') || (isAtTop && (LEFT_OUT.has(name) || LEFT_OUT_ENDS.test(name)));
}
