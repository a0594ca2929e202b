/* The frozen audience as a whole: read once, row by row, and kept as figures.
 * The memory is that of its different domains, nine octets a recipient, and one
 * octet for each contact id in between. */
#ifndef CORE_REVIEW_CROWD_H
#define CORE_REVIEW_CROWD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/campaign/campaign.h"
#include "core/net/group.h"
#include "core/review/consequences.h"

enum { CROWD_COLUMNS_MAX = 256 };

/* One domain of the audience; the spans live as long as the crowd. */
struct crowd_domain {
	struct span name;
	int64_t count;
	enum group group;
	bool is_ours;
	struct span meant; /* what a slip is a slip of; empty: none */
};

/* A column of the data, and how many have something in it. */
struct crowd_column {
	struct span name;
	int64_t filled;
};

/* Plain data; ended with crowd_free(). */
struct crowd {
	struct arena *arena;
	int64_t recipients;
	int64_t group[GROUP_COUNT];
	int64_t ours;  /* at domains of our own */
	int64_t roles; /* addresses of roles and machines */
	int64_t slips; /* at domains that are slips */
	int64_t twins; /* differ from another one by case alone */
	struct span role, slip, twin, own, stranger; /* the first of each */
	struct crowd_domain *domain;
	size_t domains;
	struct crowd_column column[CROWD_COLUMNS_MAX];
	size_t columns;
	/* marks[contact - first_contact] for what is to be remembered of
	 * a recipient; those who are none have CROWD_NOBODY. */
	int64_t first_contact, last_contact;
	unsigned char *marks;
};

/* Bits of a mark: how many mails came within a day and within a week (up to
 * 3 and 7), whether any was accepted, and whether the contact is in the
 * audience at all. */
enum {
	CROWD_DAY = 0x03,
	CROWD_WEEK = 0x1c,
	CROWD_WARM = 0x20,
	CROWD_SEEN = 0x40,
	CROWD_MEMBER = 0x80
};

/* Reads the outbox of a campaign.  domains of our own: those of the sender and
 * of the setting sender.domains.  The caller frees *out.  E_CANCELLED soon
 * after *stop (which may be NULL) becomes true. */
int crowd_read(struct db *db, const struct campaign *campaign,
    const atomic_bool *stop, struct crowd **out, struct err *err);

/* Accepts NULL, sets *crowd to NULL. */
void crowd_free(struct crowd **crowd);

/* The mark of a contact; NULL when it is not in the audience. */
unsigned char *crowd_mark(struct crowd *crowd, int64_t contact);

/* What other campaigns brought to these people. */
struct crowd_past {
	int64_t cold;     /* nothing accepted within a year */
	int64_t over_cap; /* two within a day, or five within a week */
};

/* Reads what other runs have delivered, newest first, and stops where nothing
 * can change any more.  E_CANCELLED. */
int crowd_past(struct db *db, struct crowd *crowd, struct campaign_id campaign,
    int64_t now_ms, const atomic_bool *stop, struct crowd_past *out,
    struct err *err);

/* The last launched campaign to the same list or segment, else to another part
 * of the list, else of the same class. */
struct crowd_before {
	struct campaign_id campaign; /* 0: none */
	enum likeness like;
	bool same_audience; /* the same segment, or both times the whole list */
	int64_t started_ms, recipients;
	int64_t common; /* people in both */
};

/* Finds it, without counting who is in both: 1, 0 when there is none, -1. */
int crowd_before_find(struct db *db, const struct campaign *campaign,
    struct crowd_before *out, struct err *err);

/* Finds it and counts who is in both; sets CROWD_SEEN for these.
 * E_CANCELLED. */
int crowd_before(struct db *db, struct crowd *crowd,
    const struct campaign *campaign, const atomic_bool *stop,
    struct crowd_before *out, struct err *err);

/* How an audience differs from the one before. */
struct crowd_drift {
	int64_t before_ms;           /* 0: no profile of an earlier one */
	int64_t before, now;         /* recipients */
	int64_t new_domain;          /* people at domains that were not there */
	struct span domain;          /* the largest of these */
	struct span column;          /* whose empty rate moved most */
	int empty_before, empty_now; /* of it, in hundredths of a percent */
};

/* Compares with the profile of the last launched campaign to the same list or,
 * where it is for a segment, to the same segment; the spans live as long as the
 * crowd. */
int crowd_drift(struct db *db, struct crowd *crowd,
    const struct campaign *campaign, struct crowd_drift *out, struct err *err);

/* Stores the profile of this audience. */
int crowd_keep(struct store *store, const struct crowd *crowd,
    const struct campaign *campaign, int64_t now_ms, struct err *err);

#endif
