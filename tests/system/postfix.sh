# What the Postfix instances of the tests have in common, to be sourced; all
# files live in $dir, the port is $port.

# Folders, an authority for this run only, and a certificate of it for the names
# in $1 ("DNS:a,DNS:b").
postfix_folders() {
	mkdir -p "$dir"/postfix "$dir"/queue "$dir"/data "$dir"/mail/all "$dir"/tls || return 1
	chmod 755 "$dir" "$dir"/mail
	chown -R postfix:postfix "$dir"/data "$dir"/mail
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-keyout "$dir"/tls/ca.key -out "$dir"/tls/ca.pem -subj '/CN=Test authority' >/dev/null 2>&1 || return 1
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$dir"/tls/key.pem -out "$dir"/tls/req.pem -subj '/CN=test' >/dev/null 2>&1 || return 1
	printf 'subjectAltName=%s\n' "$1" >"$dir"/tls/ext
	openssl x509 -req -in "$dir"/tls/req.pem -CA "$dir"/tls/ca.pem -CAkey "$dir"/tls/ca.key \
		-CAcreateserial -days 2 -extfile "$dir"/tls/ext -out "$dir"/tls/cert.pem >/dev/null 2>&1
}

# Takes mail for everybody into one Maildir, as the host named $1; standard
# input: more lines for main.cf.
postfix_config() {
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
myhostname = $1
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
smtpd_client_connection_count_limit = 0
END
	cat >>"$dir"/postfix/main.cf
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
}
