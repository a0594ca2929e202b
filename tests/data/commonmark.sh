#!/bin/sh
# usage: commonmark.sh FOLDER  - puts the CommonMark specification that belongs
# to the installed libcmark into FOLDER/spec.txt, from Debian's source package.
# The package is found where the system's packages come from: apt's own lists of
# places, read as places of sources, in a state of their own; nothing of the
# system is changed and root is not needed.
set -eu
mkdir -p "$1"
dir=$(cd "$1" && pwd)
[ -s "$dir/spec.txt" ] && exit 0
command -v apt-get >/dev/null || { echo "commonmark.sh: this is not a Debian system" >&2; exit 1; }
version=$(dpkg-query -W -f '${source:Version}' libcmark-dev)
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
(cd "$dir" && apt --download-only source "cmark=$version")
tar -xf "$dir"/cmark_*.orig.tar.* -C "$dir" --wildcards --strip-components=2 '*/test/spec.txt'
rm -rf "$dir/lists" "$dir/cache" "$dir/places"
