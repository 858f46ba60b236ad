import type { CodeVerdict } from './tokens.ts';

const WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  perl: new Set(
    'print printf say if unless while until for foreach my our local length join split map grep sort reverse keys values scalar lc uc lcfirst ucfirst sprintf substr index rindex s m y tr qr qw q next last redo BEGIN END eof chomp chop push pop shift unshift sum and or not xor eq ne lt gt le ge cmp defined undef ref abs int sqrt exists delete each wantarray return x else elsif use strict warnings localtime gmtime time ENV ARGV STDIN STDOUT STDERR ord chr hex oct die warn exit utf8 POSIX List Util max min first uniq Data Dumper strftime floor ceil Time HiRes JSON PP decode_json encode_json g i e r o n'.split(
      ' ',
    ),
  ),
  ruby: new Set(
    'puts print p pp if unless else elsif end while until for in do each map select reject reduce inject sum sort sort_by reverse first last join split strip chomp upcase downcase capitalize gsub sub match scan length size count keys values to_s to_i to_f to_a to_h nil true false and or not then case when require json time date yaml JSON parse pretty_generate generate safe_load RUBY_VERSION RUBY_PLATFORM ENV ARGV STDIN STDOUT STDERR gets each_line readlines File read exist basename dirname extname expand_path include start_with end_with times upto min max uniq flatten zip with_index each_with_index Time now strftime Date today Integer Float String Array Hash yield return new lambda proc dig fetch key'.split(
      ' ',
    ),
  ),
  php: new Set(
    'echo print print_r var_dump if else elseif foreach for while as function return strlen count implode explode trim strtoupper strtolower str_replace substr strpos json_encode json_decode in_array array_keys array_values array_map array_filter sort PHP_VERSION PHP_EOL PHP_OS PHP_OS_FAMILY PHP_INT_MAX phpversion date time true false null isset empty sprintf printf number_format max min round floor ceil abs php_sapi_name ini_get extension_loaded get_loaded_extensions phpinfo JSON_PRETTY_PRINT'.split(
      ' ',
    ),
  ),
};

/**
 * Forms that run code wherever they stand, also inside of strings and patterns: code in a pattern, interpolated
 * expressions, a function called by a name in a value.
 */
const RUNS_CODE: Readonly<Record<'perl' | 'ruby' | 'php', RegExp>> = {
  perl: /\(\?\??\{|[@$]\{(?!\w+\})|\(\?&/,
  ruby: /#[{@$]/,
  php: /\$\w+(?:\[[^\]]*\])*\s*\(|array_map\s*\((?!\s*function\b)|array_filter\s*\((?![^(),'"]*\)|\[[^\]'"(]*\]\s*\)|[^()'"]*,\s*function\b)|\)\s*\(/,
};

/** Whether code of a language with a known list of words uses only words that cannot act. */
export function judgeSimple(language: 'perl' | 'ruby' | 'php', code: string): CodeVerdict {
  if (
    code.length > 16_384 ||
    RUNS_CODE[language].test(code) ||
    /`|\$\{|@\{|#\{|\(\?\??\{|<<|%x|\bqx\b|\||&[A-Za-z_{$]|->|\\x|::|>\s*["'$]/.test(
      withoutPatterns(code, true),
    )
  )
    return 'unknown';
  const text = withoutPatterns(code, false);
  if (text === undefined) return 'unknown';
  const words = text.replaceAll(/[$@%][A-Za-z_]\w*|[$@%][^\w\s]/g, ' ').match(/[A-Za-z_]\w*/g) ?? [];
  const known = WORDS[language];
  const variables = new Set(
    [...text.matchAll(/\b([a-z_]\w*)\s*=[^=~]|\|\s*([a-z_]\w*)\s*\|/g)].map(
      (match) => match[1] ?? match[2] ?? '',
    ),
  );
  return words.every((word) => known?.has(word) === true || (language === 'ruby' && variables.has(word)))
    ? 'reads'
    : 'unknown';
}

/** Strings and patterns hold any words; what they may evaluate is looked at before they are taken out. */
function withoutPatterns(code: string, keepsText: boolean): string {
  if (keepsText)
    return code
      .replaceAll(/(^|[\s(=~!,;{&|])m?\/(?:[^/\\\n]|\\.)*\//g, '$1')
      .replaceAll(/\bs(?:\/(?:[^/\\\n]|\\.)*){2}\/[gimsxnr]*(?![\w])/g, ' ')
      .replaceAll('||', ' ')
      .replaceAll('=>', ' ');
  return code
    .replaceAll(/\bs\/(?:[^/\\\n]|\\.)*\/(?:[^/\\\n]|\\.)*\/[gimsxnr]*(?!\w)/g, ' ')
    .replaceAll(/\b(?:y|tr)\/(?:[^/\\\n]|\\.)*\/(?:[^/\\\n]|\\.)*\/[cdsr]*(?!\w)/g, ' ')
    .replaceAll(/(^|[\s(=~!,;{&|])m?\/(?:[^/\\\n]|\\.)*\/[gimsxn]*/g, '$1 ')
    .replaceAll(/"(?:[^"\\]|\\[^x])*"|'(?:[^'\\]|\\.)*'/g, ' ');
}
