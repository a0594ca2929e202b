#!/bin/sh
# "make install" puts everything into place, under DESTDIR and under PREFIX; what
# was installed finds its themes and translations; a PAM file that is there
# stays; "make dist" has all files and its version.
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
rc=0
fail() {
	echo "$1"
	rc=1
}
make=${MAKE:-make}

# 1. DESTDIR, with the prefix the programs were built with.
$make O="$O" DESTDIR="$t/root" install >"$t/log" 2>&1 || { tail "$t/log"; exit 1; }
prefix=$(sed 's/.* //' "$O/version")
version=$(sed 's/ .*//' "$O/version")
for f in bin/sekisho libexec/sekisho/demo share/man/man1/sekisho.1 \
	share/locale/ja/LC_MESSAGES/sekisho.mo $(for f in themes/*.theme themes/mail/*.theme; do echo "share/sekisho/$f"; done); do
	[ -s "$t/root$prefix/$f" ] || fail "not installed: $f"
done
cmp -s docs/sekisho.pam "$t/root/etc/pam.d/sekisho" || fail "the PAM file was not installed"
find "$t/root" -perm /022 ! -type l | grep . && fail "these may be written by others"
find "$t/root" -type f | grep -E 'test|\.[cho]$' && fail "these do not belong there"

# 2. A PAM file of the administrator's own is left alone.
echo "# my own" >"$t/root/etc/pam.d/sekisho"
$make O="$O" DESTDIR="$t/root" install >"$t/log" 2>&1 || fail "installing twice fails"
grep -qx '# my own' "$t/root/etc/pam.d/sekisho" || fail "the PAM file was overwritten"

# 3. A prefix that really is where the files are.  Relinks the programs, and
# once more back to what they were.
$make O="$O" PREFIX="$t/own" DESTDIR= PAM_DIR="$t/own/etc" install >"$t/log" 2>&1 || { tail "$t/log"; fail "install under a prefix"; }
for p in "$t/own/bin/sekisho" "$t/own/libexec/sekisho/demo"; do
	(
		cd / && unset SEKISHO_SHARE SEKISHO_LOCALE
		export HOME="$t/home" LC_ALL=C XDG_CONFIG_HOME= LANGUAGE=
		$p --lang ja help | grep -q '画面' || echo "$p finds no Japanese"
		$p --lang en help | grep -q 'screen' || echo "$p speaks no English"
		$p theme check sumi >/dev/null || echo "$p finds no themes"
		$p theme check newsletter >/dev/null || echo "$p finds no mail themes"
		$p theme check nosuch >/dev/null 2>&1 && echo "$p finds themes that are not there"
		[ "$($p version)" = "sekisho $version" ] || echo "$p: version is $($p version)"
	) | grep . && rc=1
done
$make O="$O" PREFIX="$prefix" all >"$t/log" 2>&1 || fail "going back to the prefix $prefix"

# 4. The archive builds without git: it knows its version.
if command -v xz >/dev/null && git rev-parse HEAD >/dev/null 2>&1; then
	$make DIST="$t/dist.tar.xz" dist >"$t/log" 2>&1 || { tail "$t/log"; fail "make dist"; }
	mkdir "$t/dist" && xz -dc "$t/dist.tar.xz" | tar -xf - -C "$t/dist" --strip-components=1
	[ -s "$t/dist/docs/VERSION" ] || fail "the archive lacks docs/VERSION"
	[ -s "$t/dist/Makefile" ] && [ -s "$t/dist/core/base/err.def" ] || fail "the archive lacks files"
fi
exit $rc
