/* Which of two pieces of evidence is the better one, in SQL. */
#ifndef CORE_CONTACTS_EVIDENCE_RANK_H
#define CORE_CONTACTS_EVIDENCE_RANK_H

/* How good evidence is: a ground at all, agreed beforehand, confirmed, when,
 * which words, how. */
#define EVIDENCE_RANK(m)                                                       \
	"((" m "basis <> 0) * 64 + (" m "basis = 1) * 32 + (" m                \
	"confirmed_ms > 0) * 16 + (" m "basis_at_ms > 0) * 8 + (" m            \
	"wording > 0 OR " m "paper <> '') * 4 + (" m "how > 0 OR " m           \
	"basis_note <> '') * 2)"

/* Takes over what an INSERT brought when that is better. */
#define EVIDENCE_BETTER                                                        \
	" ON CONFLICT(list, contact) DO UPDATE SET basis = excluded.basis,"    \
	" basis_at_ms = excluded.basis_at_ms,"                                 \
	" basis_note = excluded.basis_note, how = excluded.how,"               \
	" wording = excluded.wording, ip = excluded.ip,"                       \
	" paper = excluded.paper, confirmed_ms = excluded.confirmed_ms"        \
	" WHERE " EVIDENCE_RANK("excluded.") " > " EVIDENCE_RANK("member.")

#endif
