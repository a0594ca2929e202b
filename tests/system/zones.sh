#!/bin/bash
# An authoritative DNS server (NSD) on a port of 127.0.0.1.  All files live in
# $1; $2 is the port; each further argument is a zone and its kind: "plain",
# "signed", "expired" (signed, and the signatures are past their end).  The
# records of zone z are in $1/z.zone.  Public keys go to $1/anchor.  Prints
# "ready" and runs until its standard input ends.
set -u
dir=$1 port=$2
shift 2
cd "$dir" || exit 1
: >anchor
cat >nsd.conf <<END
server:
	ip-address: 127.0.0.1@$port
	username: ""
	zonesdir: "$dir"
	pidfile: "$dir/nsd.pid"
	xfrdfile: "$dir/xfrd.state"
	zonelistfile: "$dir/zone.list"
	server-count: 1
	hide-version: yes
remote-control:
	control-enable: no
END
for arg in "$@"; do
	zone=${arg%%:*} kind=${arg##*:} file=$zone.zone dates=
	{
		printf '%s. 300 IN SOA ns.%s. root.%s. 1 3600 600 86400 300\n' "$zone" "$zone" "$zone"
		printf '%s. 300 IN NS ns.%s.\nns.%s. 300 IN A 127.0.0.1\n' "$zone" "$zone" "$zone"
		cat "$file"
	} >"$zone.full"
	if [ "$kind" != plain ]; then
		key=$(ldns-keygen -a ECDSAP256SHA256 -k "$zone") || exit 1
		cat "$key.key" >>anchor
		[ "$kind" = expired ] && dates='-i 20200101 -e 20200201'
		# shellcheck disable=SC2086
		ldns-signzone $dates "$zone.full" "$key" || exit 1
		mv "$zone.full.signed" "$zone.full"
	fi
	printf 'zone:\n\tname: "%s"\n\tzonefile: "%s.full"\n' "$zone" "$zone" >>nsd.conf
done
# nsd is in sbin, which a plain user's path lacks
PATH=$PATH:/usr/sbin
nsd -d -c "$dir/nsd.conf" >nsd.log 2>&1 &
nsd=$!
stop() {
	kill $nsd 2>/dev/null
	wait $nsd 2>/dev/null
}
trap 'stop; exit 1' INT TERM HUP
tries=0
until { exec 3<>/dev/tcp/127.0.0.1/"$port"; } 2>/dev/null; do
	tries=$((tries + 1))
	if [ $tries -gt 100 ] || ! kill -0 $nsd 2>/dev/null; then
		echo "not ready"
		cat nsd.log
		stop
		exit 1
	fi
	sleep 0.1
done
exec 3>&-
echo ready
cat >/dev/null
stop
