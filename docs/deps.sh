#!/bin/sh
# Installs the Debian packages named as arguments in one non-interactive call,
# and does nothing when all of them are there.
set -u
command -v dpkg-query >/dev/null || {
	echo "This is not a Debian system. Install the equivalents of: $*"
	exit 0 # the build names what is still missing
}
missing=
for p in "$@"; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $p"
done
[ -z "$missing" ] && exit 0
as=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || {
		echo "Missing packages:$missing"
		echo "Install them as root: apt-get install$missing"
		exit 1
	}
	echo "Installing with sudo:$missing"
	as=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$as apt-get update -qq &&
	$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
