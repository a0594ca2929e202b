#!/bin/sh
# usage: spf.sh FOLDER  - puts the public test suite for RFC 7208 into
# FOLDER/cases.txt, from the upstream archive of Debian's source package pyspf.
# The package is found where the system's packages come from: apt's own lists of
# places, read as places of sources, in a state of their own; nothing of the
# system is changed and root is not needed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)
[ -s "$dir/cases.txt" ] && exit 0
command -v apt-get >/dev/null || { echo "spf.sh: this is not a Debian system" >&2; exit 1; }
python3 -c 'import yaml' || { echo "spf.sh: python3-yaml is missing" >&2; exit 1; }
mkdir -p "$dir/places" "$dir/lists/partial" "$dir/cache/archives/partial"
for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
	[ -e "$f" ] && sed -n '/cdrom:/d;s/^deb[[:space:]]/deb-src /p' "$f" >"$dir/places/$(basename "$f" .list).list"
done
for f in /etc/apt/sources.list.d/*.sources; do
	[ -e "$f" ] && sed 's/^Types:.*/Types: deb-src/' "$f" >"$dir/places/$(basename "$f")"
done
apt() {
	apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$dir/places" \
		-o Dir::State::lists="$dir/lists" -o Dir::Cache="$dir/cache" \
		-o APT::Sandbox::User="$(id -un)" "$@"
}
apt update
(cd "$dir" && apt --download-only --tar-only source pyspf)
tar -xf "$dir"/pyspf_*.orig.tar.* -C "$dir" --wildcards --strip-components=2 '*/test/rfc7208-tests.yml'
python3 "$here/spf_cases.py" <"$dir/rfc7208-tests.yml" >"$dir/cases.new"
mv "$dir/cases.new" "$dir/cases.txt"
rm -rf "$dir/lists" "$dir/cache" "$dir/places"
