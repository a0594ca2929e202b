#!/bin/sh
# The product holds neither the private PAM folder nor the marks of tests; the
# demo and test programs do, so the check can fail.
rc=0
has() { nm -a "$1" 2>/dev/null | grep -qw "$2" || nm -D "$1" 2>/dev/null | grep -qE "[[:space:]]$2(@|\$)"; }
for s in pam_start_confdir test_idle_mark; do
	if has "$O/sekisho" $s; then
		echo "$O/sekisho holds $s"
		rc=1
	fi
done
has "$O/demo/sekisho" pam_start_confdir || { echo "$O/demo/sekisho lacks pam_start_confdir"; rc=1; }
has "$O/test/sekisho" test_idle_mark || { echo "$O/test/sekisho lacks test_idle_mark"; rc=1; }
for flag in BIND_NOW; do
	readelf -d "$O/sekisho" | grep -q "$flag" || { echo "$O/sekisho lacks full RELRO"; rc=1; }
done
readelf -h "$O/sekisho" | grep -q 'DYN (Position-Independent' || { echo "$O/sekisho is not PIE"; rc=1; }
readelf -lW "$O/sekisho" | grep -q 'GNU_STACK.*RW ' || { echo "$O/sekisho has an executable stack"; rc=1; }
nm -D "$O/sekisho" | grep -q '__stack_chk_fail' || { echo "$O/sekisho lacks the stack protector"; rc=1; }
nm -D "$O/sekisho" | grep -qE '__(mem|str|vsn|sn)[a-z]*_chk' || { echo "$O/sekisho lacks FORTIFY"; rc=1; }
exit $rc
