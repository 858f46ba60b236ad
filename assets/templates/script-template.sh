#!/usr/bin/env bash
# nexo: name=my-script
# nexo: description=What it does, in one line
# nexo: runtime=shell
# nexo: category=general
# nexo: timeout=600
#
# To run it by itself, add cron_id, schedule_required=true and one of schedule, interval_seconds or
# recovery_policy=restart_daemon above, then run: nexo scripts reconcile
# Or let Nexo write those lines: nexo scripts create my-script --runtime shell --schedule 09:00
#
# A question to a model goes through: run_automation_text --caller personal/my-script --tier medio <<< "…"
set -euo pipefail

NEXO_HOME="${NEXO_HOME:-$HOME/.nexo}"
# shellcheck source=/dev/null
. "$NEXO_HOME/templates/nexo_helper.sh"

force=no
for argument in "$@"; do
  case "$argument" in
    --force) force=yes ;;
    *) echo "unknown argument: $argument" >&2; exit 2 ;;
  esac
done

# Your work begins here.
echo "home: $NEXO_HOME, nexo $(run_nexo version), forced: $force"
