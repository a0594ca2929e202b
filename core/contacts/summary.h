/* What is known of a person at a glance: lists, tags, mails. */
#ifndef CORE_CONTACTS_SUMMARY_H
#define CORE_CONTACTS_SUMMARY_H

#include "core/base/buf.h"
#include "core/contacts/ids.h"
#include "core/store/store.h"

/* The last thing that became of a mail for somebody. */
struct contact_mail {
	int64_t at_ms; /* 0: there was none */
	int state;     /* enum ledger_state, core/deliver/deliver.h */
	int code;      /* of the last reply; 0: none */
	char enhanced[16];
};

/* Reads the last mail that left for a contact or was refused. */
int contact_mail_read(struct db *db, struct contact_id contact,
    struct contact_mail *out, struct err *err);

/* Zeroed at first; the texts are ended with contact_summary_done(). */
struct contact_summary {
	struct buf tags;       /* names with ", " between */
	struct buf lists;      /* the same */
	int64_t sent, refused; /* mails that a relay took, or not for ever */
	struct contact_mail last;
};

/* Reads it as db shows it (masked). */
int contact_summary_read(struct db *db, struct contact_id contact,
    struct contact_summary *out, struct err *err);

/* Frees what it holds. */
void contact_summary_done(struct contact_summary *summary);

#endif
