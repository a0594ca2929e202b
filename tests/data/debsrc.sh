# Sourced by the scripts beside it.  debsrc FOLDER WHAT [OPTION ...] puts the
# upstream archive of Debian's source package WHAT into FOLDER.  It is found
# where the system's packages come from: apt's own lists of places, read as
# places of sources, in a state of their own; nothing of the system is changed
# and root is not needed.
debsrc() {
	dir=$1 what=$2
	shift 2
	command -v apt-get >/dev/null || { echo "debsrc.sh: this is not a Debian system" >&2; return 1; }
	mkdir -p "$dir/places" "$dir/lists/partial" "$dir/cache/archives/partial"
	for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -e "$f" ] && sed -n '/cdrom:/d;s/^deb[[:space:]]/deb-src /p' "$f" >"$dir/places/$(basename "$f" .list).list"
	done
	for f in /etc/apt/sources.list.d/*.sources; do
		[ -e "$f" ] && sed 's/^Types:.*/Types: deb-src/' "$f" >"$dir/places/$(basename "$f")"
	done
	debsrc_apt update
	(cd "$dir" && debsrc_apt --download-only "$@" source "$what")
	rm -rf "$dir/lists" "$dir/cache" "$dir/places"
}

debsrc_apt() {
	apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$dir/places" \
		-o Dir::State::lists="$dir/lists" -o Dir::Cache="$dir/cache" \
		-o APT::Sandbox::User="$(id -un)" "$@"
}
