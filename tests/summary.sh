#!/bin/sh
# Counts the tests of the last run from their logs and ends with the plain
# closing line.  $1 is the build folder.
find "$1/tests" -name '*.log' -exec cat {} + 2>/dev/null | awk '
	/^\[       OK \]/ { ok++ }
	/^\[  FAILED  \] [a-z]/ && !seen[$0]++ { bad++ }
	/^\[  SKIPPED \] [a-z]/ && !seen[$0]++ { skip++ }
	/^SKIP / && !seen[$0]++ { print "  " $0; skip++ }
	END { printf "%d passed, %d failed, %d skipped\n", ok, bad, skip; exit bad > 0 }'
