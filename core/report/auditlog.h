/* The audit log for people: what matches a filter, and as a file. */
#ifndef CORE_REPORT_AUDITLOG_H
#define CORE_REPORT_AUDITLOG_H

#include "core/store/store.h"

enum { LOG_WORDS_MAX = 16, LOG_WORD_OCTETS = 100 };

enum log_column { LOG_ANY, LOG_WHO, LOG_FROM, LOG_WHAT, LOG_OBJECT, LOG_FACTS };

/* One word that an entry must hold, or with a minus before it must not; ASCII
 * case does not matter. */
struct log_word {
	enum log_column column;
	bool without;
	char text[LOG_WORD_OCTETS + 1];
};

/* What is looked for; zeros: everything.  All words must fit. */
struct log_filter {
	struct log_word word[LOG_WORDS_MAX];
	int words;
	int64_t from_ms, until_ms; /* 0: no limit; until is exclusive */
};

/* Reads "who:hanako what:run. since:2026-11-21 -open campaign": words, in
 * quotes when they hold blanks, and columns who, from, what, object, facts;
 * since and until take a local date, both included.  E_LOG_FILTER. */
int log_filter_read(struct span text, struct log_filter *out, struct err *err);

/* True when the entry fits. */
bool log_filter_fits(
    const struct log_filter *filter, const struct audit_entry *entry);

/* audit_read() for who may read the log: E_ROLE without MAY_LOG_READ. */
int log_page(struct store *store, struct db *db, int64_t before, int count,
    void (*each)(void *arg, const struct audit_entry *entry), void *arg,
    struct err *err);

/* Numbers of the entries that fit, newest first; *out is the caller's to
 * free().  Reads the whole log: for a worker.  E_CANCELLED soon after *stop
 * (which may be NULL) becomes true; E_ROLE without MAY_LOG_READ. */
int log_find(struct store *store, struct db *db,
    const struct log_filter *filter, const atomic_bool *stop, int64_t **out,
    size_t *count, struct err *err);

enum log_form { LOG_CSV, LOG_JSON_LINES };

/* Writes the entries that fit, oldest first, to path, mode 0600; a file that is
 * there is replaced when all went well.  Logged as "audit.export".  *rows
 * counts.  E_FILE_OPEN, E_FILE_WRITE, E_DISK_FULL. */
int log_write(struct store *store, struct db *db,
    const struct log_filter *filter, enum log_form form, const char *path,
    int64_t *rows, struct err *err);

/* Adds an entry as one line of JSON. */
void log_json(const struct audit_entry *entry, struct buf *out);

#endif
