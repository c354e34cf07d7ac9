#!/bin/sh
# Writes what a pull request has cost as a comment on it, and rewrites that same comment from then on.
# Usage:  comment.sh <number> <base>      with GITHUB_REPOSITORY set and gh signed in (GH_TOKEN)
# Rule: one comment a pull request, found by the marker in its first line; unchanged text is not written.
set -eu
number=$1
base=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

tollgate pr --trailers --base "$base" --pr "$number" > "$folder/note.md"
marker=$(head -n 1 "$folder/note.md")

comments="repos/$GITHUB_REPOSITORY/issues/$number/comments"
gh api --paginate "$comments" --jq ".[] | select(.body | startswith(\"$marker\")) | .id" > "$folder/ids"
id=$(head -n 1 "$folder/ids")
if [ -z "$id" ]; then
  gh api "$comments" --method POST --field "body=@$folder/note.md" > "$folder/answer"
  echo "commented on #$number"
  exit 0
fi
gh api "repos/$GITHUB_REPOSITORY/issues/comments/$id" --jq .body > "$folder/old.md"
# Line feeds at the end are lost or added on the way, and these words take them off both.
if [ "$(tr -d '\r' < "$folder/old.md")" = "$(cat "$folder/note.md")" ]; then
  echo "nothing has changed on #$number"
else
  gh api "repos/$GITHUB_REPOSITORY/issues/comments/$id" --method PATCH --field "body=@$folder/note.md" > "$folder/answer"
  echo "comment on #$number is up to date"
fi
