/* Addresses that are no address, or hardly one that was meant: what could be
 * done about them, and how often.  Nothing is repaired unless the operator has
 * accepted that kind of repair for this file. */
#ifndef CORE_IMPORT_REPAIR_H
#define CORE_IMPORT_REPAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/mem.h"
#include "core/base/span.h"

/* Kinds of repair, as bits.  A cell may need several at once. */
enum import_repair {
	IMPORT_REPAIR_WIDTH = 1 << 0,  /* full-width letters and signs */
	IMPORT_REPAIR_BLANK = 1 << 1,  /* NBSP, U+3000, what has no width */
	IMPORT_REPAIR_TAIL = 1 << 2,   /* '.' ';' ',' behind the address */
	IMPORT_REPAIR_MAILTO = 1 << 3, /* "mailto:" before it */
	IMPORT_REPAIR_NAME = 1 << 4,   /* Name <address> */
	IMPORT_REPAIR_FIRST = 1 << 5,  /* several: the first one is taken */
};

enum {
	IMPORT_REPAIR_KINDS = 6,
	IMPORT_REPAIR_SAMPLES = 3,
	IMPORT_REPAIRED_KEPT = 10000, /* rows */
	IMPORT_SLIPS_KEPT = 32        /* domains */
};

/* What a cell would be; the spans live in the arena. */
struct import_offer {
	unsigned kinds;      /* all that it needs; 0: no offer */
	struct span address; /* address_parse() takes it */
	struct span rest;    /* IMPORT_REPAIR_FIRST: the addresses behind it,
			      * separated by a space, not taken */
};

/* What address_parse() would take for a cell that it does not take as it is:
 * true with *out, or false when there is nothing to offer.  The same for the
 * same cell, always. */
bool import_repair(
    struct span cell, struct arena *arena, struct import_offer *out);

/* The stable word of one kind ("width", "blank", "tail", "mailto", "name",
 * "first"); static. */
const char *import_repair_name(enum import_repair kind);

/* A domain that looks like a slip of a known one, and which that is: what the
 * operator accepts pair by pair. */
struct import_domain_pair {
	struct span slip, meant; /* lower-case A-labels */
};

/* Which repairs a plan accepts; zero: none. */
struct import_accept {
	unsigned repairs;                      /* bits of enum import_repair */
	const struct import_domain_pair *pair; /* borrowed */
	size_t pairs;
};

/* One row that was repaired, or would be; foreign bytes, cut. */
struct import_repaired {
	int64_t line;
	unsigned kinds;    /* 0: only the domain */
	char was[128];     /* the cell */
	char address[128]; /* what is taken */
	char rest[128];    /* as in struct import_offer */
};

/* Rows for one kind of repair. */
struct import_repair_count {
	int64_t rows;  /* that need it, alone or with others */
	int64_t alone; /* for which it is enough */
	int64_t taken; /* of rows: accepted, so repaired */
	struct import_repaired sample[IMPORT_REPAIR_SAMPLES];
	size_t samples;
};

/* One suspicious domain of the file. */
struct import_slip {
	char domain[64], meant[64]; /* lower-case A-labels */
	int64_t rows;
	char sample[128]; /* the first address */
	int64_t line;     /* of it */
	bool accepted;    /* by the plan: its rows were corrected */
};

/* Addresses that are valid and still worth a look. */
struct import_doubt {
	int64_t rows;
	int64_t line; /* of the first */
	char sample[128];
};

/* Two addresses that differ only in what people do not see as a difference:
 * case of the local part, and at Google dots and the second domain.  They are
 * two people here; nothing is merged. */
struct import_twin {
	int64_t line; /* of the later one */
	char address[128];
};

/* What check or commit has found out about addresses. */
struct import_findings {
	/* Rows that are rejected as they are and have an offer, each counted
	 * whether it was accepted or not. */
	struct import_repair_count repair[IMPORT_REPAIR_KINDS];
	int64_t repairable; /* rows with an offer */
	int64_t repaired;   /* of them accepted, so taken */
	/* The most frequent domains that look misspelt. */
	struct import_slip slip[IMPORT_SLIPS_KEPT];
	size_t slips;
	int64_t slip_rows;              /* of all such domains */
	int64_t corrected;              /* of them accepted */
	struct import_doubt role;       /* postmaster@, noreply@ ... */
	struct import_doubt disposable; /* domains of throw-away mailboxes */
	struct import_doubt carrier;    /* dots that RFC 5321 does not allow */
	int64_t twins;
	struct import_twin twin[IMPORT_REPAIR_SAMPLES];
};

#endif
