#!/usr/bin/env bash
# nexo: name=run-runtime-doctor
# nexo: description=runs the doctor for the skill SK-RUN-RUNTIME-DOCTOR
# nexo: runtime=shell
set -uo pipefail

# shellcheck source=/dev/null
. "${NEXO_CODE:?runs through nexo skills apply}/assets/templates/nexo_helper.sh"

run_nexo doctor --tier "${1:-runtime}"
# 1 and 2 say how bad things are; that is an answer.
code=$?
[ "$code" -le 2 ] && exit 0
exit "$code"
