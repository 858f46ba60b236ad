# What a personal script may use of Nexo, from bash or sh: . "${NEXO_HOME:-$HOME/.nexo}/templates/nexo_helper.sh"
# Everything goes through the nexo program, so scripts keep working when Nexo is updated.

# run_nexo WORD…: runs nexo and prints what it prints.
run_nexo() {
  _nexo_program=${NEXO_BIN:-}
  if [ -z "$_nexo_program" ]; then
    for _nexo_candidate in "${NEXO_HOME:-$HOME/.nexo}/bin/nexo" "$HOME/.local/bin/nexo" "$HOME/bin/nexo"; do
      if [ -x "$_nexo_candidate" ]; then
        _nexo_program=$_nexo_candidate
        break
      fi
    done
  fi
  if [ -z "$_nexo_program" ]; then
    _nexo_program=$(command -v nexo || echo "${NEXO_HOME:-$HOME/.nexo}/node_modules/nexo/dist/main.js")
  fi
  case "$_nexo_program" in
    *.js | *.mjs) "${NEXO_NODE:-node}" "$_nexo_program" "$@" ;;
    *) "$_nexo_program" "$@" ;;
  esac
}

# call_tool NAME [JSON]: calls one of Nexo's tools; its answer as text.
call_tool() {
  run_nexo scripts call "$1" --input "${2:-"{}"}"
}

call_tool_text() {
  call_tool "$@"
}

# call_tool_json NAME [JSON]: the same, the answer as JSON.
call_tool_json() {
  run_nexo scripts call "$1" --input "${2:-"{}"}" --json-output
}

# run_automation_text [--caller personal/NAME] [--tier TIER] […]: has an agent answer the prompt on standard input.
# Takes the flags of nexo run. In a script that Nexo runs, the caller is personal/<its name> unless you say otherwise.
run_automation_text() {
  _nexo_automation text "$@"
}

# run_automation_json: the same, and prints the one JSON object that the answer holds.
run_automation_json() {
  _nexo_answer=$(_nexo_automation json "$@") || return $?
  printf '%s' "$_nexo_answer" | extract_json
}

# extract_json: prints the JSON object in the text on standard input: alone, in a code fence, or with words around it.
extract_json() {
  NEXO_CODE="${NEXO_CODE:-${NEXO_HOME:-$HOME/.nexo}/node_modules/nexo}" "${NEXO_NODE:-node}" --input-type=module -e '
    import { readFileSync } from "node:fs";
    import { pathToFileURL } from "node:url";
    const { extractJson } = await import(pathToFileURL(process.env.NEXO_CODE + "/dist/helper.js").href);
    try {
      console.log(JSON.stringify(extractJson(readFileSync(0, "utf8"))));
    } catch (error) {
      console.error(error.message);
      process.exitCode = 1;
    }'
}

# only_on_day_of_month DAY [--force | ""] [YYYY-MM-DD]: ends the script with exit code 0, saying that it is skipped, unless it is that
# day of the month or forced. In a month that is shorter, its last day counts.
only_on_day_of_month() {
  case "$1" in
    [1-9] | [12][0-9] | 3[01]) ;;
    *) echo "only_on_day_of_month takes a day from 1 to 31, not: $1" >&2; exit 2 ;;
  esac
  [ "${2:-}" = --force ] && return 0
  _nexo_today=${3:-$(date +%Y-%m-%d)}
  _nexo_year=${_nexo_today%%-*}
  _nexo_rest=${_nexo_today#*-}
  _nexo_month=${_nexo_rest%%-*}
  _nexo_day=${_nexo_rest#*-}
  _nexo_day=${_nexo_day#0}
  case "$_nexo_month" in
    04 | 06 | 09 | 11) _nexo_last=30 ;;
    02)
      _nexo_last=28
      if [ $((_nexo_year % 4)) -eq 0 ] && { [ $((_nexo_year % 100)) -ne 0 ] || [ $((_nexo_year % 400)) -eq 0 ]; }; then
        _nexo_last=29
      fi
      ;;
    *) _nexo_last=31 ;;
  esac
  _nexo_due=$1
  [ "$_nexo_due" -gt "$_nexo_last" ] && _nexo_due=$_nexo_last
  [ "$_nexo_day" -eq "$_nexo_due" ] && return 0
  echo "skipped: today is day $_nexo_day, and this runs on day $_nexo_due of the month"
  exit 0
}

_nexo_automation() {
  _nexo_form=$1
  shift
  _nexo_has_caller=no
  for _nexo_word in "$@"; do
    case "$_nexo_word" in --caller | --caller=*) _nexo_has_caller=yes ;; esac
  done
  if [ "$_nexo_has_caller" = no ] && [ -n "${NEXO_SCRIPT_NAME:-}" ]; then
    set -- --caller "personal/$NEXO_SCRIPT_NAME" "$@"
  fi
  run_nexo run "$@" --output-format "$_nexo_form"
}
