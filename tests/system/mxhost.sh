#!/bin/bash
# A mail exchanger for tests: Postfix on a loopback port, taking mail for
# everybody into one Maildir, as MX hosts do.  All files live in $1; $2 is the
# port; $3 how it speaks TLS (none, may); $4 the names of its certificate
# ("DNS:a,DNS:b"); $5 a port on which openssl serves $1/web by HTTPS with the
# same certificate, or 0.  Prints "ready" and runs until its standard input
# ends.
set -u
dir=$1 port=$2 level=$3 names=$4 web=$5

mkdir -p "$dir"/postfix "$dir"/queue "$dir"/data "$dir"/mail/all "$dir"/tls "$dir"/web/.well-known || exit 1
chmod 755 "$dir" "$dir"/mail
chown -R postfix:postfix "$dir"/data "$dir"/mail

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
	-keyout "$dir"/tls/ca.key -out "$dir"/tls/ca.pem -subj '/CN=Test authority' >/dev/null 2>&1 || exit 1
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout "$dir"/tls/key.pem -out "$dir"/tls/req.pem -subj '/CN=mx' >/dev/null 2>&1 || exit 1
printf 'subjectAltName=%s\n' "$names" >"$dir"/tls/ext
openssl x509 -req -in "$dir"/tls/req.pem -CA "$dir"/tls/ca.pem -CAkey "$dir"/tls/ca.key \
	-CAcreateserial -days 2 -extfile "$dir"/tls/ext -out "$dir"/tls/cert.pem >/dev/null 2>&1 || exit 1

cat >"$dir"/postfix/main.cf <<END
compatibility_level = 3.6
queue_directory = $dir/queue
data_directory = $dir/data
command_directory = /usr/sbin
daemon_directory = $(postconf -dh daemon_directory)
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = /var, /tmp, $dir
maillog_file = $dir/maillog
myhostname = mx.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
virtual_mailbox_domains = static:all
virtual_transport = virtual
virtual_mailbox_base = $dir/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:$(id -u postfix)
virtual_gid_maps = static:$(id -g postfix)
virtual_minimum_uid = 1
virtual_mailbox_limit = 0
smtpd_tls_cert_file = $dir/tls/cert.pem
smtpd_tls_key_file = $dir/tls/key.pem
smtpd_tls_security_level = $level
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions =
smtpd_client_connection_count_limit = 0
END
cat >"$dir"/postfix/master.cf <<END
127.0.0.1:$port inet n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
error     unix  - - n - - error
retry     unix  - - n - - error
virtual   unix  - n n - - virtual
proxymap  unix  - - n - - proxymap
anvil     unix  - - n - 1 anvil
tlsmgr    unix  - - n 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
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
