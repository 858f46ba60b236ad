#!/usr/bin/env bash
# nexo: name=gather-commits
# nexo: description=gathers the commits for the skill SK-RELEASE-NOTES
# nexo: runtime=shell
# nexo: requires=git
set -euo pipefail

since=${1:-}
git rev-parse --is-inside-work-tree >/dev/null
if [ -z "$since" ]; then
  since=$(git describe --tags --abbrev=0 2>/dev/null || true)
fi
if [ -n "$since" ]; then
  git rev-parse --verify --quiet --end-of-options "$since^{commit}" >/dev/null || {
    echo "There is no tag or commit $since here." >&2
    exit 1
  }
  echo "Since $since:"
  git --no-pager log --no-merges --format='%h %an: %s' "$since..HEAD" --
else
  echo "No tag yet; all commits:"
  git --no-pager log --no-merges --format='%h %an: %s' -n 200
fi
