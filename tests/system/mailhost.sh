#!/bin/bash
# A real mail host for tests: Postfix with STARTTLS and AUTH by Dovecot on a
# loopback port, delivering everything to one Maildir.  All files live in $1;
# $2 is the port.  Prints "ready" and runs until its standard input ends, so it
# cannot outlive the test that holds the other end.  With $3 = hold, what is
# taken stays in the queue.  Words on standard input: "kill", all processes of
# Postfix die at once; "revive", it starts again and delivers what is queued.
set -u
dir=$1 port=$2 hold=${3:-}
user=news@example.co.jp password='correct horse'

. "$(dirname "$0")"/postfix.sh
mkdir -p "$dir"/run || exit 1
chmod 755 "$dir"/run
postfix_folders DNS:localhost,IP:127.0.0.1 || exit 1

printf '%s:{PLAIN}%s\n' "$user" "$password" >"$dir"/users
chmod 644 "$dir"/users
cat >"$dir"/dovecot.common <<EOF
base_dir = $dir/run
log_path = $dir/dovecot.log
protocols =
ssl = no
auth_mechanisms = plain login scram-sha-256
default_login_user = dovenull
default_internal_user = dovecot
service auth {
  unix_listener postfix-auth {
    mode = 0666
  }
}
EOF
# Dovecot 2.4 (Debian 13) speaks another language than 2.3 (Debian 12).
version=$(dovecot --version | sed 's/ .*//')
case $version in
2.[0-3].*)
	cat >"$dir"/dovecot.conf <<-EOF
	disable_plaintext_auth = no
	passdb {
	  driver = passwd-file
	  args = scheme=plain username_format=%u $dir/users
	}
	userdb {
	  driver = static
	  args = uid=postfix gid=postfix home=$dir/mail
	}
	EOF
	;;
*)
	cat >"$dir"/dovecot.conf <<-EOF
	dovecot_config_version = ${version%%-*}
	dovecot_storage_version = ${version%%-*}
	auth_allow_cleartext = yes
	passdb passwd-file {
	  default_password_scheme = plain
	  passwd_file_path = $dir/users
	}
	userdb static {
	  fields {
	    uid = postfix
	    gid = postfix
	    home = $dir/mail
	  }
	}
	EOF
	;;
esac
cat "$dir"/dovecot.common >>"$dir"/dovecot.conf

postfix_config mail.example.jp <<EOF
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = $dir/run/postfix-auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access inline:{ { unknown@example.jp = 550 5.1.1 unknown user } }, permit_sasl_authenticated, reject
EOF
[ "$hold" = hold ] && echo 'defer_transports = virtual' >>"$dir"/postfix/main.cf

dovecot -F -c "$dir"/dovecot.conf >>"$dir"/dovecot.out 2>&1 &
dovecot=$!
postfix -c "$dir"/postfix start >"$dir"/postfix.out 2>&1

stop() {
	postfix -c "$dir"/postfix abort >/dev/null 2>&1
	kill $dovecot 2>/dev/null
	wait $dovecot 2>/dev/null
}
trap 'stop; exit 1' INT TERM HUP

# Both must answer before "ready"; a minute is plenty on a slow machine.
tries=0
until [ -S "$dir"/run/postfix-auth ] &&
	{ exec 3<>/dev/tcp/127.0.0.1/"$port"; } 2>/dev/null; do
	tries=$((tries + 1))
	if [ $tries -gt 300 ] || ! kill -0 $dovecot 2>/dev/null; then
		echo "not ready"
		cat "$dir"/postfix.out "$dir"/dovecot.out "$dir"/dovecot.log "$dir"/maillog 2>/dev/null
		stop
		exit 1
	fi
	sleep 0.2
done
exec 3>&-
echo ready
while read -r word; do
	case $word in
	kill)
		# the master leads a process group of its own, its children are in it
		kill -9 -- -"$(tr -d ' ' <"$dir"/queue/pid/master.pid)"
		;;
	revive)
		postconf -c "$dir"/postfix -e defer_transports=
		postfix -c "$dir"/postfix start >>"$dir"/postfix.out 2>&1
		postfix -c "$dir"/postfix flush >>"$dir"/postfix.out 2>&1
		;;
	esac
done
stop
