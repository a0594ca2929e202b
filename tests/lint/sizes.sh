#!/bin/sh
# Limits on file and function length.
find core tui -name '*.c' -exec awk 'END{ if (FNR>1000) { print FILENAME": "FNR" lines (limit 1000)"; exit 1 } }' {} \; || exit 1
ctags --languages=C --kinds-C=f --fields=+ne -o - $(find core tui -name '*.c') |
awk -F'\t' '{l=e=0; for(i=4;i<=NF;i++){ if($i~/^line:/)l=substr($i,6); if($i~/^end:/)e=substr($i,5)} if(e-l+1>100){print $2": "$1" "e-l+1" lines (limit 100)"; n++}} END{exit n>0}'
