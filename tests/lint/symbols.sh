#!/bin/sh
# The product holds neither the private PAM folder nor the tests' mark.
rc=0
for what in pam_start_confdir idle_mark share_dir locale_dir pam_dir; do
	nm "$O/tui/variant_product.o" | grep -w "$what" && rc=1
done
nm "$O/sekisho" | grep -w pam_start_confdir && rc=1
strings -a "$O/sekisho" | grep -E '7717|SEKISHO_(TEST|SHARE|LOCALE|PAM|CLOCK)' && rc=1
for v in demo test; do
	nm "$O/$v/sekisho" | grep -qw 'U pam_start_confdir@\?.*' || { echo "$v lacks pam_start_confdir"; rc=1; }
done
exit $rc
