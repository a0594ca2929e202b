/* The files of a campaign: what they are, where they are kept, and whose they
 * are.  A file is read once, into the encrypted store, under its SHA-256; from
 * then on nothing outside the store counts. */
#ifndef CORE_ATTACH_ATTACH_H
#define CORE_ATTACH_ATTACH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/crypt.h"
#include "core/base/err.h"
#include "core/campaign/campaign.h"
#include "core/contacts/contacts.h"
#include "core/store/store.h"

enum {
	ATTACH_NAME_MAX = 255,     /* octets of a file's name */
	ATTACH_TYPE_MAX = 127,     /* octets of a media type */
	ATTACH_PER_CAMPAIGN = 20,  /* rows */
	ATTACH_SET_FILES = 1000000 /* files of one set */
};

/* ---- What a file is ------------------------------------------------------ */

/* Stored as numbers: never renumber. */
enum attach_verdict {
	ATTACH_GOOD,
	ATTACH_WARN,   /* may be sent after somebody has said why */
	ATTACH_REFUSED /* is not taken into a campaign */
};

/* What a look at a file says; all strings are static. */
struct attach_look {
	const char *kind; /* "pdf", "program", "unknown": a stable word */
	char type[ATTACH_TYPE_MAX + 1]; /* media type for the mail */
	enum attach_verdict verdict;
	const char *why; /* a stable word; "" when it is good */
	bool is_image;   /* one that mail programs show */
};

/* Looks at the octets and the name of a file; any bytes. */
void attach_look(struct span bytes, struct span name, struct attach_look *out);

/* ---- The files of a campaign --------------------------------------------- */

/* Stored as numbers: never renumber. */
enum attach_kind {
	ATTACH_ALL,    /* one file for all recipients */
	ATTACH_INLINE, /* an image that the text shows: ![alt](image:NAME) */
	ATTACH_EACH,   /* a set: every recipient has a file of their own */
	ATTACH_KINDS
};

/* How the files of a set find their recipients.  Stored as numbers. */
enum attach_rule {
	ATTACH_BY_NAME,     /* the pattern with the values in is the name */
	ATTACH_BY_MANIFEST, /* a CSV file says which value has which file */
	ATTACH_RULES
};

/* One row: a file, or a set of files. */
struct attach_row {
	int64_t id;
	enum attach_kind kind;
	enum attach_rule rule;          /* of a set */
	char name[ATTACH_NAME_MAX + 1]; /* of a set: its pattern */
	char type[ATTACH_TYPE_MAX + 1]; /* of a set: empty */
	char look[24];                  /* kind, of a set: empty */
	enum attach_verdict verdict;    /* the worst of a set */
	char why[24];
	int64_t files;        /* 1, or the files of a set */
	int64_t octets;       /* the largest file */
	int64_t total;        /* octets of all files */
	struct digest digest; /* of the file; of a set: over all its keys,
				* names and digests */
	int64_t added_ms;
	char added_by[64];
};

/* The rows of a campaign in the order in which they were added; *out has *count
 * of them, the caller frees it. */
int attach_all(struct db *db, struct campaign_id campaign,
    struct attach_row **out, size_t *count, struct err *err);

/* Reads a regular file and adds it to a campaign, as kind ATTACH_ALL or
 * ATTACH_INLINE.  The campaign loses its seal and its revision grows.  Logged.
 * E_FILE_OPEN, E_FILE_READ, E_ATTACH_FILE (file, why: kind, changed, empty,
 * utf8, control, slash, length, dots, direction, twice, image),
 * E_ATTACH_SIZE (file, octets, limit), E_ATTACH_REFUSED (file, kind, why),
 * E_ATTACH_COUNT (limit), E_CAMPAIGN_STATE. */
int attach_add(struct store *store, struct campaign_id campaign,
    const char *path, enum attach_kind kind, struct err *err);

/* What makes a set. */
struct attach_source {
	const char *folder;   /* files are read directly in it */
	struct span pattern;  /* "invoice-{{id}}.pdf"; with a manifest empty */
	const char *manifest; /* CSV file, or NULL */
};

/* How far a long addition is; any thread reads and cancels. */
struct attach_progress {
	atomic_llong done, total; /* files */
	atomic_bool *cancel;      /* borrowed */
	int64_t skipped; /* after it: names in the folder that do not fit */
};

/* Adds the files of a folder as a set, in pieces that are committed one by one;
 * nothing of it counts before the last one.  By name: the pattern names fields
 * with words between them, and all files are taken whose names fit its words.
 * By manifest: its header names the field ("address" or another one), "file"
 * and "sha256"; every file of it must be there with that digest.  Never follows
 * a link and never leaves the folder.  Blocks: for a worker.  Errors as
 * attach_add(), E_ATTACH_PATTERN (why), E_ATTACH_MANIFEST (line, why, file),
 * E_ATTACH_EMPTY (pattern), errors of the CSV reader, E_CANCELLED. */
int attach_add_set(struct store *store, struct campaign_id campaign,
    const struct attach_source *source, struct attach_progress *progress,
    struct err *err);

/* Takes a row off a campaign, and the octets that nothing else needs out of the
 * store.  Logged.  E_ATTACH_MISSING (id), E_CAMPAIGN_STATE. */
int attach_remove(struct store *store, struct campaign_id campaign, int64_t id,
    struct err *err);

/* Appends the octets with a digest, which are hashed again.  E_ATTACH_DIGEST
 * when they are not there or are others. */
int attach_bytes(struct db *db, const struct digest *digest, struct buf *out,
    struct err *err);

/* ---- Whose file ----------------------------------------------------------- */

/* A pattern read once: what to fill in to find a recipient's file. */
struct attach_pattern;

/* Reads a pattern: one line with at least one {{field}}, words between the
 * fields, at most 8 of them.  The caller frees *out.  E_ATTACH_PATTERN (why:
 * open, field, beside, slash, length, many, none). */
int attach_pattern_read(
    struct span text, struct attach_pattern **out, struct err *err);

/* Frees it; accepts NULL, sets *pattern to NULL. */
void attach_pattern_free(struct attach_pattern **pattern);

/* A recipient; everything is borrowed. */
struct attach_person {
	struct span address, name;
	struct span fields; /* JSON object */
};

/* Appends what the pattern gives for a person.  E_ATTACH_KEY (field) when a
 * value is empty or holds a '/' or control character. */
int attach_pattern_fill(const struct attach_pattern *pattern,
    const struct attach_person *person, struct buf *out, struct err *err);

/* A file of a set. */
struct attach_file {
	int64_t number; /* in the set, from 1 */
	char name[ATTACH_NAME_MAX + 1];
	char type[ATTACH_TYPE_MAX + 1];
	int64_t octets;
	struct digest digest;
};

/* The file of a set under a key.  E_ATTACH_NONE (key) when there is none. */
int attach_find(struct db *db, int64_t set, struct span key,
    struct attach_file *out, struct err *err);

/* What a set is for the recipients of a campaign. */
struct attach_cover {
	int64_t recipients, with_file;
	int64_t first_without; /* position from 1; 0: all have one */
	char without_address[256];
	struct err why; /* of the first one without */
	int64_t shared; /* files that several recipients would get */
	int64_t unused; /* files that nobody gets */
	char first_unused[ATTACH_NAME_MAX + 1];
	int64_t largest; /* octets of the largest one that is used */
};

/* Whose recipients are counted. */
enum attach_audience {
	ATTACH_MEMBERS, /* the members of the campaign's list */
	ATTACH_FROZEN,  /* those of the proof */
};

/* Tries a set against all recipients.  E_CANCELLED soon after *cancel (may be
 * NULL) becomes true. */
int attach_cover(struct db *db, const struct campaign *campaign,
    const struct attach_row *set, enum attach_audience audience,
    const atomic_bool *cancel, struct attach_cover *out, struct err *err);

/* The member of a campaign's list with an address, whose strings go into the
 * arena: 1, 0 when there is none, -1.  E_ADDRESS_*. */
int attach_member(struct db *db, const struct campaign *campaign,
    struct span address, struct arena *arena, struct attach_person *out,
    struct err *err);

/* Octets that a file has in a message: base64 in lines of 76 columns. */
int64_t attach_encoded(int64_t octets);

#endif
