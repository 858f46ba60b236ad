/** Variables that make programs load code, start other programs or write files. Values that switch something off pass. */
const EXACT: ReadonlySet<string> = new Set([
  'PATH',
  'ENV',
  'SHELL',
  'EDITOR',
  'VISUAL',
  'PAGER',
  'MANPAGER',
  'BROWSER',
  'LESS',
  'LESSOPEN',
  'LESSCLOSE',
  'MORE',
  'CC',
  'CXX',
  'CPP',
  'LD',
  'AR',
  'AS',
  'RUSTC',
  'RUSTDOC',
  'MAKE',
  'MAKEFILES',
  'PROMPT_COMMAND',
  'PS0',
  'PS1',
  'PS2',
  'PS4',
  'SHELLOPTS',
  'BASHOPTS',
  'HOME',
  'ZDOTDIR',
  'CDPATH',
  'FPATH',
  'IFS_CODE',
  'OPENSSL_CONF',
  'CURL_HOME',
  'WGETRC',
  'INPUTRC',
  'TERMINFO',
  'AWKPATH',
  'AWKLIBPATH',
  'PHPRC',
  'NEXO_AGENT',
  'NEXO_HOME',
  'NEXO_PROJECT_ROOT',
  'NEXUS_PROJECT_ROOT',
  'GREP_OPTIONS',
  'TMPDIR',
  'CLASSPATH',
  'JULIA_LOAD_PATH',
  'MANOPT',
  'READNULLCMD',
  'NULLCMD',
  'IFS',
]);
const PREFIX =
  /^(?:LD_|DYLD_|GIT_|NPM_CONFIG_|PIP_|UV_|PERL|RUBY|GEM_|BUNDLE_|BASH_|JAVA_|_JAVA|JDK_|MAVEN_|GRADLE_|CARGO_(?!TERM_)|RUSTC_|RUSTUP_|GO(?:FLAGS|ROOT|PATH|CACHE|BIN|ENV|TMPDIR|PROXY|TOOLCHAIN)|NODE_(?!ENV$|DEBUG$|NO_WARNINGS$)|PYTHON(?!UNBUFFERED$|DONTWRITEBYTECODE$|HASHSEED$|IOENCODING$|UTF8$|WARNINGS$|FAULTHANDLER$)|PYTEST_|LUA_|PHP_|DOTNET_(?!CLI_TELEMETRY|NOLOGO)|CORECLR_|COR_|MSBUILD|GCONV_|LOCPATH|NLSPATH|ELECTRON_|VITE_NODE|DENO_|BUN_|XDG_|CLAUDE_|CODEX_|OPENCODE_|NEXUS_)/i;
const SUFFIX =
  /(?:_OPTIONS|_OPTS|OPTS|FLAGS|_COMMAND|_CMD|_PRELOAD|_EDITOR|_PAGER|_ASKPASS|_STARTUP|_INIT|_RC|_CONFIG|_CONFIG_PATH|_LOADER|_HOOKS?|_PLUGINS?|_PATH|_EXEC|_WRAPPER|_SHELL|_BROWSER|_RSH|_SSH|_PROGRAM|_HOME|_FILE|_DIR|_LOG|_ADDOPTS)$/i;

const HARMLESS = /^(?:|0|1|true|false|cat|:|never|no|off|less|more|none|silent|dumb)$/;
const HARMLESS_ANYWAY =
  /^(?:(?:GIT_)?(?:PAGER|EDITOR|TERMINAL_PROMPT|OPTIONAL_LOCKS|NO_REPLACE_OBJECTS|LITERAL_PATHSPECS|TRACE|CURL_VERBOSE|ADVICE|ASKPASS)|MANPAGER|NPM_CONFIG_(?:COLOR|LOGLEVEL|OFFLINE|PROGRESS|FUND|AUDIT|YES|SILENT)|PIP_(?:NO_INPUT|DISABLE_PIP_VERSION_CHECK|NO_COLOR|QUIET)|BROWSER|VISUAL|LESS|GIT_(?:AUTHOR|COMMITTER)_\w+|GO111MODULE|DOTNET_\w+OPTOUT)$/i;

/** Whether setting this variable may make a program do something else than its words say. */
export function isLoadingVariable(name: string, value: string): boolean {
  if (/^GIT_(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL|DATE)$/.test(name)) return false;
  if (HARMLESS_ANYWAY.test(name) && HARMLESS.test(value)) return false;
  if (name === 'LESS' && /^-[A-Za-z]*$/.test(value) && !/[oOkpP+]/.test(value)) return false;
  if (
    name === 'NODE_OPTIONS' &&
    /^(?:--(?:max-old-space-size=\d+|no-warnings|enable-source-maps|experimental-vm-modules|trace-warnings|stack-trace-limit=\d+)\s*)+$/.test(
      value,
    )
  )
    return false;
  if (
    (name === 'RUSTFLAGS' || name === 'CFLAGS') &&
    /^(?:-D ?warnings|-W(?:all|extra|error)|\s)+$/.test(value)
  )
    return false;
  if (name === 'GOFLAGS' && /^-mod=(?:mod|vendor|readonly)$/.test(value)) return false;
  return EXACT.has(name.toUpperCase()) || PREFIX.test(name) || SUFFIX.test(name);
}
