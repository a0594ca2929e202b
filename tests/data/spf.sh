#!/bin/sh
# usage: spf.sh FOLDER  - puts the public test suite for RFC 7208 into
# FOLDER/cases.txt, from the upstream archive of Debian's source package pyspf.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/debsrc.sh"
mkdir -p "$1"
dir=$(cd "$1" && pwd)
[ -s "$dir/cases.txt" ] && exit 0
python3 -c 'import yaml' || { echo "spf.sh: python3-yaml is missing" >&2; exit 1; }
debsrc "$dir" pyspf --tar-only
tar -xf "$dir"/pyspf_*.orig.tar.* -C "$dir" --wildcards --strip-components=2 '*/test/rfc7208-tests.yml'
python3 "$here/spf_cases.py" <"$dir/rfc7208-tests.yml" >"$dir/cases.new"
mv "$dir/cases.new" "$dir/cases.txt"
