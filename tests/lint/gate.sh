#!/bin/sh
# No way to sending but through the review: who may name the functions on the
# path from clearance to socket, who may start other programs, and which
# variables of the environment are read at all.  Objects given as arguments are
# looked at too (tests/system/test_gate.c brings some that must not pass).
rc=0
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
for f in $(find core tui -name '*.c'); do
	[ -e "$O/${f%.c}.o" ] || { echo "$O/${f%.c}.o is missing" >&2; exit 1; }
	echo "$O/${f%.c}.o"
done >"$t/objects"
printf '%s\n' "$@" >>"$t/objects"
# "object TYPE symbol", the object named as its source without ".c"
grep . "$t/objects" | xargs nm -A -g | sed "s|^$O/||; s|\.o:[0-9a-f ]*| |" >"$t/symbols"

wants() { # symbol (a pattern), the objects that may
	who=$(awk -v s="^($1)\$" '$2 ~ /^[Uw]$/ && $3 ~ s { print $1 " uses " $3 }' "$t/symbols")
	[ -n "$who" ] || [ $# -lt 2 ] || { echo "nobody wants $1: this check is out of date"; rc=1; }
	shift
	for o in "$@"; do
		who=$(echo "$who" | grep -v "^$o uses ")
	done
	[ -z "$who" ] || { echo "$who"; rc=1; }
}
has() { # symbol, the one object that defines it
	who=$(awk -v s="$1" '$2 != "U" && $3 == s { print $1 }' "$t/symbols" | tr '\n' ' ')
	[ "$who" = "$2 " ] || { echo "$1 is defined in: $who(wanted: $2)"; rc=1; }
}

# The clearance: made by the review, asked for where the user has confirmed.
has clearance_grant core/review/signoff
has run_start core/deliver/launch
# core/deliver/schedule asks for it at the time for which a person has armed it.
wants clearance_grant tui/screens/launch tui/screens/home core/deliver/schedule
# Who has armed it has signed in then; only its time asks for this one.
has clearance_grant_armed core/review/signoff
wants clearance_grant_armed core/deliver/schedule
# A grant to go on comes out of a conversation with PAM alone.
has stepup_grant core/store/stepup
wants stepup_grant core/access/login
wants login_step_up tui/screens/stepup
wants run_start tui/screens/launch tui/screens/home core/deliver/schedule
wants schedule_arm tui/screens/launch
wants schedule_fire tui/armed
made=$(grep -rlE 'struct clearance \{|\(struct clearance\)' core tui)
[ "$made" = core/review/signoff.c ] || { echo "struct clearance is known in: $made"; rc=1; }
# The second person: what an approver sends over the socket is taken and judged
# in one place, which only the visit of an approver calls; the launch asks.
has approval_take core/review/approval
wants approval_check core/review/signoff
wants 'approval_take|approval_reject' core/review/visit
# So is what lets people leave in a file.
has export_take core/export/request
wants 'export_take|export_reject' core/review/visit
wants approver_ask core/review/visit
wants 'approver_confirm|approver_revoke' tui/screens/setup_approvers
wants 'signer_open|signer_sign' tui/screens/approve_work
wants test_code_check_html core/review/testcheck
wants testcheck_html core/review/approval
# Test mail has a clearance of its own.  Its messages are finished, marked and
# addressed where it is made, from the table of staff; whoever sends them gets
# nothing but bytes.  Its codes are known there and where they are compared.
has test_grant core/review/testgrant
has test_send core/deliver/test_send
wants test_grant tui/screens/testmail_work
wants test_send tui/screens/testmail_work
wants 'test_clearance_use|test_note' core/deliver/test_send
wants assemble_test core/review/testgrant
wants testmark_add core/compose/assemble
wants test_code core/review/testgrant
wants 'test_code_check|test_seed_read|test_answer_write' core/review/testcheck
made=$(grep -rlE 'struct test_clearance \{|\(struct test_clearance\)' core tui)
[ "$made" = core/review/testgrant.c ] || { echo "struct test_clearance is known in: $made"; rc=1; }
grep -nE "#include.*(compose|contacts|ledger|assemble|template|testcode|testmark|address)" core/deliver/test_send.[ch] && { echo "the test's sender knows too much"; rc=1; }
# (core/store/mask names its columns, to hide them; it makes no address of them.)
made=$(grep -rl staff_address core tui | sort | tr '\n' ' ')
[ "$made" = "core/review/staff.c core/review/testgrant.c core/store/mask.c core/store/schema.c " ] || { echo "the table of staff is known in: $made"; rc=1; }
# Sessions: the delivery's, and the probe, which knows no message.
# A third one, core/deliver/post, has two users: the test's sender, and
# core/deliver/alert_mail, which sends word to the operators: it has one
# form of its own, for lines "name=value" only, and knows no campaign, contact,
# template or ledger; nothing but alert.c calls it.
wants exchange_new core/deliver/session core/net/exchange_probe core/deliver/post
wants post_send core/deliver/alert_mail core/deliver/test_send
wants alert_mail core/deliver/alert
wants alert_tell tui/away tui/screens/setup_alerts core/deliver/log_seal
# A head seal of the audit log goes the same way, as one more line of facts.
wants alert_tell_seal core/deliver/log_seal
# What the store signs: heads of the log, reviews, evidence packs.
wants store_sign core/store/audit_seal core/report/oversight core/report/pack_file
grep -nE "#include.*(compose|contacts|review|ledger|assemble|template|deliver\.h)" core/deliver/alert_mail.c core/deliver/post.[ch] && { echo "the alert's sender knows too much"; rc=1; }
wants smtp_new core/net/exchange
wants 'smtp_submit|smtp_handed' core/deliver/session core/deliver/post
# Lanes: started with a clearance, held to it.
wants session_open core/deliver/lane
wants 'lane_new|lane_start|scribe_start|deed_launch' core/deliver/launch
wants clearance_holds core/deliver/deeds core/deliver/launch core/deliver/operate
# Sockets: dialling is in one place; the practice relay listens.
wants dialler_new tui/program
# Names: one resolver of the program, and the demo's, which has a file for the
# whole of DNS and asks nobody (tests/unit/tui/test_demo_names.c).
wants resolver_unbound tui/program tui/demo/names
# (core/review/checks_domains asks how the ways are protected, and dials nobody
# but the servers of the policies.)
wants lookup_domain core/deliver/finder core/review/checks_domains
wants finder_new core/deliver/destination core/deliver/test_send
wants 'destinations_new|destinations_start' core/deliver/launch
# The socket beside the store is AF_UNIX and carries no mail; its door starts
# nothing: it can pause and stop.
wants connect core/net/dial core/access/socket_line
wants 'socket|socketpair' core/net/dial core/deliver/practice core/base/notify \
	core/access/socket_line core/access/door
# (core/export/pipe writes into a cipher whose other end is memory.)
wants 'send|sendto|sendmsg|SSL_write|SSL_write_ex|BIO_write' \
	core/net/stream core/net/tls core/deliver/practice \
	core/access/socket_line core/base/notify core/export/pipe
grep -nE 'BIO_(new_(fd|socket|connect|file|ssl)|s_(fd|socket|connect|file))' core/export/*.c && { echo "the cipher of exports reaches more than memory"; rc=1; }
# (core/access/origin writes down where a login came from; it has no socket.)
grep -nE 'AF_INET|run_(start|resume|retry)' core/access/*.c core/base/notify.c tui/away.c |
	grep -v '^core/access/origin\.c:[0-9]*:.*inet_ntop(' && { echo "the door reaches more than it may"; rc=1; }
# Other programs: the user's editor and our own agent; no sendmail.  The verb
# "demo" hands over to the installed demo program, which plays itself on a
# terminal of its own; the product holds nothing of that.  base/command runs what
# the operator has named by its path (token helper, alert hook), without a shell.
wants 'fork|vfork|clone|forkpty|execv[pe]*|execl[pe]*|fexecve' \
	tui/spawn tui/verbs tui/demo/play
for s in practice_start forkpty demo_play drill_run sandbox_fill sandbox_plant; do
	nm "$O/sekisho" | grep -qE " $s(@|$)" && { echo "the product holds $s"; rc=1; }
done
wants 'posix_spawnp?' core/access/login core/base/command
wants command_run core/deliver/alert
wants command_secret core/health/token
wants 'system|popen|dlopen|syscall'

# The environment: names as they stand in the source.
grep -rnoE '\b(secure_)?getenv\([^)]*\)' core tui | sed 's/:[0-9]*:/ /' | sort -u >"$t/env"
while read -r file call; do
	case "$file $call" in
	core/access/*'getenv("SSH_CONNECTION")') ;;
	*'getenv("XDG_DATA_HOME")' | *'getenv("XDG_CONFIG_HOME")' | *'getenv("XDG_RUNTIME_DIR")') ;;
	*'getenv("HOME")' | *'getenv("TERM")' | *'getenv("NO_COLOR")') ;;
	tui/*'getenv("VISUAL")' | tui/*'getenv("EDITOR")' | *'getenv("TMPDIR")') ;;
	'tui/text/i18n.c getenv(names[i])') ;;
	tui/demo/*'getenv("SEKISHO_SHOW")') ;;
	# set by a service manager that wants to be told (sd_notify)
	'tui/program.c getenv("NOTIFY_SOCKET")' | 'tui/program.c getenv("WATCHDOG_USEC")') ;;
	tui/variant_demo.c*'getenv("SEKISHO_'* | tui/variant_test.c*'getenv("SEKISHO_'*) ;;
	*) echo "$file reads the environment: $call"; rc=1 ;;
	esac
done <"$t/env"
exit $rc
