#!/usr/bin/env python3
# nexo: name=my-script
# nexo: description=What it does, in one line
# nexo: runtime=python
# nexo: category=general
# nexo: timeout=600
# nexo: tools=nexo_personal_scripts_list
#
# To run it by itself, add cron_id, schedule_required=true and one of schedule, interval_seconds or
# recovery_policy=restart_daemon above, then run: nexo scripts reconcile
# Or let Nexo write those lines: nexo scripts create my-script --schedule 09:00
"""my-script, a personal script.

Shows how to read arguments, call one of Nexo's tools and end with an exit code. A question to a model goes through
nexo_helper.run_automation_text(prompt, caller="personal/my-script", tier="medio"): which model answers, and how hard
it thinks, is decided by your settings and never written down here.
"""

import argparse
import os
import sys

try:
    import nexo_helper
except ImportError:  # started without Nexo
    sys.path.append(os.path.join(os.environ.get("NEXO_HOME") or os.path.expanduser("~/.nexo"), "templates"))
    import nexo_helper


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--force", action="store_true", help="do the work although it is not due")
    args = parser.parse_args()

    # Your work begins here.
    scripts = nexo_helper.call_tool_json("nexo_personal_scripts_list", {"limit": 100})
    print(f"personal scripts: {scripts['total']}" + (", forced" if args.force else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
