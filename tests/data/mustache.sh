#!/bin/sh
# usage: mustache.sh FOLDER  - puts the test data of the Mustache specification
# into FOLDER: comments.json, interpolation.json, inverted.json, sections.json,
# from Debian's package r-cran-whisker, which carries them.  The package is
# fetched, not installed: apt's own lists of places are read in a state of their
# own; nothing of the system is changed and root is not needed.
set -eu
mkdir -p "$1"
dir=$(cd "$1" && pwd)
[ -s "$dir/sections.json" ] && exit 0
command -v apt-get >/dev/null || { echo "mustache.sh: this is not a Debian system" >&2; exit 1; }
mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
apt() {
	apt-get -qq -o Dir::State::lists="$dir/lists" -o Dir::Cache="$dir/cache" \
		-o APT::Sandbox::User="$(id -un)" "$@"
}
cd "$dir"
# the system's lists, when they are there, save the update
apt-get -qq -o APT::Sandbox::User="$(id -un)" download r-cran-whisker 2>/dev/null || {
	apt update
	apt download r-cran-whisker
}
dpkg-deb -x r-cran-whisker_*.deb "$dir/package"
mv "$dir"/package/usr/lib/R/site-library/whisker/specs/*.json "$dir"
rm -rf "$dir/lists" "$dir/cache" "$dir/package" r-cran-whisker_*.deb
