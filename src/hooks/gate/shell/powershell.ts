import type { Effect } from '../contract.ts';

const READERS =
  /^(?:get-(?:content|childitem|item|location|command|help|process|date|filehash|itemproperty|member|service|history|psdrive|variable|alias|module|host|culture|uptime|acl)|select-(?:string|object)|measure-object|sort-object|group-object|format-(?:table|list|wide|hex)|test-path|resolve-path|split-path|join-path|convertfrom-json|convertto-json|out-string|out-host|out-null|write-output|write-host|compare-object|set-location|push-location|pop-location|cat|gc|ls|dir|gci|type|pwd|echo|cd|where|where\.exe|findstr|whoami|hostname|more)$/;
const PROGRAMS =
  /^(?:git (?:status|log|diff|show|blame|grep|rev-parse|ls-files)|npm (?:test|ls|view|run (?:test|lint|build|typecheck))|node --version|npm --version|python --version|tsc --noemit|dotnet (?:test|build)|cargo (?:test|check|build)|go (?:test|vet|build))(?: |$)/;

/** PowerShell has no parser here: a pipeline of plain words that only read passes, everything else is unknown. */
export function describePowerShell(text: string, effects: Effect[]): void {
  const isPlain =
    /^[\w\s./\\:*,'"|;=?@$^+#-]*$/.test(text) && !/\$\(|\$\{|@\(|\s[.]\s|(?:^|[;|])\s*[.$]/.test(text);
  const stages = text
    .split(/[|;\n]/)
    .map((stage) => stage.trim().toLowerCase().replaceAll(/\s+/g, ' '))
    .filter((stage) => stage !== '');
  const reads = (stage: string): boolean =>
    READERS.test(stage.split(' ')[0] ?? '') ||
    (PROGRAMS.test(`${stage} `) && !/ --?(?:output|o|fix|write|ext-diff)/.test(stage));
  if (isPlain && text.length < 20_000 && stages.every(reads)) return;
  effects.push({
    kind: 'unknown',
    rule: 'powershell',
    how: 'this PowerShell text is more than plain reading',
    text,
  });
}
