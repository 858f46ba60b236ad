#!/usr/bin/env bash
# nexo: name=review-change
# nexo: description=gathers the change that the skill SK-REVIEW looks at
# nexo: runtime=shell
# nexo: requires=git
set -euo pipefail

base=${1:-HEAD}
git rev-parse --is-inside-work-tree >/dev/null
git rev-parse --verify --quiet --end-of-options "$base^{commit}" >/dev/null || {
  echo "There is no commit $base here." >&2
  exit 1
}

echo "Changed against $base:"
git --no-pager diff --stat "$base" --
echo
echo "Not yet known to git:"
git ls-files --others --exclude-standard | head -50
