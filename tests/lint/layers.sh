#!/bin/sh
# A core folder may include itself and the folders listed above it; nothing below tui sees curses;
# from outside a folder only its own-named header is public (base and mail are libraries: all public).
awk 'FNR==NR { rank[$1]=NR; lib[$1]=($2=="library"); next }
/^[ \t]*#[ \t]*include/ {
    split($0,q,/[<">]/); split(q[2],i,"/"); split(FILENAME,f,"/")
    if (i[1]=="tui" && f[1]=="core") bad("core includes tui")
    if (i[1]=="core") {
      if (!(i[2] in rank)) bad("folder missing from layers.txt")
      else if (f[1]=="core" && rank[i[2]]>rank[f[2]]) bad("upward include")
      else if (!(f[1]=="core" && f[2]==i[2]) && !lib[i[2]] && i[3]!=i[2] ".h") bad("private header of another folder")
    }
    if (FILENAME!="tui/term.c" && q[2] ~ /^(n?cursesw?\/)?(n?curses|panel|term)\.h$/) bad("curses outside tui/term.c") }
function bad(why) { printf "%s:%d: %s: %s\n", FILENAME, FNR, why, $0; n++ }
END { exit n>0 }' tests/lint/layers.txt $(find core tui -name '*.[ch]' | sort)
