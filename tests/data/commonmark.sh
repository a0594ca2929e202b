#!/bin/sh
# usage: commonmark.sh FOLDER  - puts the CommonMark specification that belongs
# to the installed libcmark into FOLDER/spec.txt, from Debian's source package.
set -eu
. "$(dirname "$0")/debsrc.sh"
mkdir -p "$1"
dir=$(cd "$1" && pwd)
[ -s "$dir/spec.txt" ] && exit 0
version=$(dpkg-query -W -f '${source:Version}' libcmark-dev)
debsrc "$dir" "cmark=$version"
tar -xf "$dir"/cmark_*.orig.tar.* -C "$dir" --wildcards --strip-components=2 '*/test/spec.txt'
