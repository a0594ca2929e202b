#!/bin/bash
# A mail exchanger for tests: Postfix on a loopback port, taking mail for
# everybody into one Maildir, as MX hosts do.  All files live in $1; $2 is the
# port; $3 how it speaks TLS (none, may); $4 the names of its certificate
# ("DNS:a,DNS:b"); $5 a port on which openssl serves $1/web by HTTPS with the
# same certificate, or 0; $6 the one mailbox that it has, or nothing.  Prints "ready" and runs until its standard input
# ends.
set -u
dir=$1 port=$2 level=$3 names=$4 web=$5 mailbox=${6:-}

. "$(dirname "$0")"/postfix.sh
mkdir -p "$dir"/web/.well-known || exit 1
postfix_folders "$names" || exit 1
only=
[ -z "$mailbox" ] || only="virtual_mailbox_maps = inline:{ { $mailbox = all/ } }"
postfix_config mx.example <<END
smtpd_tls_security_level = $level
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions =
$only
END

server=
if [ "$web" != 0 ]; then
	(cd "$dir"/web && exec openssl s_server -quiet -WWW -accept 127.0.0.1:"$web" \
		-cert "$dir"/tls/cert.pem -key "$dir"/tls/key.pem </dev/null >"$dir"/web.log 2>&1) &
	server=$!
fi
postfix -c "$dir"/postfix start >"$dir"/postfix.out 2>&1

stop() {
	postfix -c "$dir"/postfix abort >/dev/null 2>&1
	[ -z "$server" ] || kill "$server" 2>/dev/null
	wait 2>/dev/null
}
trap 'stop; exit 1' INT TERM HUP

tries=0
until { exec 3<>/dev/tcp/127.0.0.1/"$port"; } 2>/dev/null &&
	{ [ "$web" = 0 ] || { exec 4<>/dev/tcp/127.0.0.1/"$web"; } 2>/dev/null; }; do
	tries=$((tries + 1))
	if [ $tries -gt 300 ]; then
		echo "not ready"
		cat "$dir"/postfix.out "$dir"/web.log "$dir"/maillog 2>/dev/null
		stop
		exit 1
	fi
	sleep 0.2
done
exec 3>&- 4>&-
echo ready
cat >/dev/null
stop
