#!/bin/sh
# There is one way to send: run_start() with a clearance.  By the symbols of the
# objects: who may speak SMTP, who may start a lane, where a clearance is made.
rc=0
objects=$(ls core/*/*.c | sed "s|^|$O/|; s|\.c\$|.o|")
wants() { # symbol, objects (without $O/core/) that may want it
	symbol=$1
	shift
	found=$(for o in $objects; do nm -u "$o" | awk -v s="$symbol" -v o="${o#"$O"/core/}" '$2 == s { print o }'; done)
	[ -n "$found" ] || { echo "nobody wants $symbol: this check is out of date"; rc=1; }
	for o in $found; do
		case " $* " in
		*" $o "*) ;;
		*) echo "$o wants $symbol"; rc=1 ;;
		esac
	done
}
wants smtp_submit deliver/session.o
wants smtp_handed deliver/session.o
wants exchange_new deliver/session.o net/exchange_probe.o
wants session_open deliver/lane.o
wants lane_new deliver/launch.o
wants lane_start deliver/launch.o
wants scribe_start deliver/launch.o
wants deed_launch deliver/launch.o
wants clearance_holds deliver/deeds.o deliver/launch.o deliver/run.o
for o in $objects; do
	nm -u "$o" | grep -qw run_start && { echo "$o wants run_start: only the screens do"; rc=1; }
done
made=$(grep -ln '^struct clearance {' core/*/*.[ch])
[ "$made" = core/review/signoff.c ] || { echo "struct clearance is defined in: $made"; rc=1; }
exit $rc
