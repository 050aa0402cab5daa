#!/usr/bin/env bash
# The check of a leaderboard's pull request: verifies every bundle that it adds or changes, and builds the site.
#
#   docs/check_submissions.sh FOLDER [BASE]
#
# FOLDER holds the bundles; BASE is the branch that the pull request goes to (default origin/main). PIE_SAMPLE is the share of
# the candidates to measure again (default 5%). Exits with the first verification's code that isn't 0.
set -euo pipefail

folder=${1:?usage: check_submissions.sh FOLDER [BASE]}
base=${2:-origin/main}
sample=${PIE_SAMPLE:-5%}

changed=$(git diff --name-only --diff-filter=d "$base...HEAD" -- "$folder")
if grep -q '\.verified\.json$' <<<"$changed"; then
    echo "a pull request must not bring verification records: they are made by whoever merges it" >&2
    exit 1
fi
others=$(git diff --name-only "$base...HEAD" -- . ":(exclude)$folder/*.zip" ":(exclude)$folder/**/*.zip")
if [ -n "$others" ]; then
    echo "a submission changes bundles alone, this one also changes:" "$others" >&2
    exit 1
fi

while IFS= read -r bundle; do
    if [[ $bundle == *.zip ]]; then
        echo "== $bundle"
        pie submit verify "$bundle" --sample "$sample"
    fi
done <<<"$changed"

site=$(mktemp -d)
trap 'rm -rf "$site"' EXIT
pie leaderboard build "$folder" -o "$site"
