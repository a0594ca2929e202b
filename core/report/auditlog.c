/* What somebody looks for in the log.  An entry is matched as it is read, so a
 * filter costs one pass and no index that would have to be kept. */
#include "core/report/auditlog.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/access/access.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/report/csv_out.h"

enum { PAGE = 500 };

/* ---- The filter ---------------------------------------------------------------- */

static int
bad_word(struct err *err, struct span word, const char *why)
{
	err_set(err, E_LOG_FILTER);
	err_fact(err, "word", word);
	return err_fact(err, "why", span_of(why));
}

/* The next word: up to a blank that stands in no quotes.  A quote at its
 * beginning, or behind the colon, is dropped with its partner. */
static struct span
next_word(struct span *rest)
{
	struct span text = *rest;
	bool quoted = false;
	size_t at = 0;

	for (; at < text.len && (quoted || text.ptr[at] != ' '); at++)
		quoted ^= text.ptr[at] == '"';
	*rest = span_slice(text, at + 1, text.len);
	return span_slice(text, 0, at);
}

static struct span
bare(struct span value)
{
	if (span_starts(value, SPAN("\"")))
		value = span_slice(value, 1, value.len);
	return span_ends(value, SPAN("\""))
		   ? span_slice(value, 0, value.len - 1)
		   : value;
}

/* Local midnight of "2026-11-21", days later; -1 when it is none. */
static int64_t
midnight(struct span date, int later)
{
	struct span rest = date, part[3];
	int64_t number[3];
	struct tm tm = {.tm_isdst = -1}, again;
	time_t at;

	for (int i = 0; i < 3; i++) {
		part[i] = span_cut(&rest, '-');
		if (!span_int(part[i], &number[i]) || number[i] > 9999)
			return -1;
	}
	if (date.len != 10 || rest.len || part[0].len != 4)
		return -1;
	tm.tm_year = (int)number[0] - 1900;
	tm.tm_mon = (int)number[1] - 1;
	tm.tm_mday = (int)number[2];
	again = tm;
	at = mktime(&again);
	if (at == (time_t)-1 || again.tm_mon != tm.tm_mon ||
	    again.tm_mday != tm.tm_mday)
		return -1;
	tm.tm_mday += later;
	return (int64_t)mktime(&tm) * 1000;
}

static const struct {
	const char *name;
	enum log_column column;
} columns[] = {
    {"who", LOG_WHO},
    {"from", LOG_FROM},
    {"what", LOG_WHAT},
    {"object", LOG_OBJECT},
    {"facts", LOG_FACTS},
};
enum { COLUMN_COUNT = sizeof columns / sizeof *columns };

static int
add_word(struct log_filter *out, enum log_column column, bool without,
    struct span text, struct span word, struct err *err)
{
	struct log_word *to;

	if (out->words == LOG_WORDS_MAX || text.len > LOG_WORD_OCTETS)
		return bad_word(err, word, "many");
	to = &out->word[out->words++];
	to->column = column;
	to->without = without;
	span_text(to->text, sizeof to->text, text);
	return 0;
}

static int
read_word(struct log_filter *out, struct span word, struct err *err)
{
	bool without = word.len > 1 && word.ptr[0] == '-';
	struct span name, value = span_slice(word, without, word.len);
	int64_t at;

	if (span_index(value, ':') == value.len || value.ptr[0] == '"')
		return add_word(out, LOG_ANY, without, bare(value), word, err);
	name = span_cut(&value, ':');
	value = bare(value);
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (span_equal(name, span_of(columns[i].name)))
			return add_word(
			    out, columns[i].column, without, value, word, err);
	}
	if (!span_equal(name, SPAN("since")) &&
	    !span_equal(name, SPAN("until")))
		return bad_word(err, word, "field");
	at = midnight(value, name.ptr[0] == 'u');
	if (at < 0)
		return bad_word(err, word, "date");
	*(name.ptr[0] == 'u' ? &out->until_ms : &out->from_ms) = at;
	return 0;
}

int
log_filter_read(struct span text, struct log_filter *out, struct err *err)
{
	*out = (struct log_filter){.words = 0};
	while (text.len) {
		struct span word = next_word(&text);

		if (word.len && read_word(out, word, err) < 0)
			return -1;
	}
	return 0;
}

static bool
holds(struct span text, struct span needle)
{
	for (size_t i = 0; i + needle.len <= text.len; i++) {
		if (span_equal_nocase(
			span_slice(text, i, i + needle.len), needle))
			return true;
	}
	return needle.len == 0;
}

static bool
word_fits(const struct log_word *word, const struct audit_entry *entry)
{
	const struct span in[] = {[LOG_WHO] = entry->who,
	    [LOG_FROM] = entry->origin,
	    [LOG_WHAT] = entry->what,
	    [LOG_OBJECT] = entry->object,
	    [LOG_FACTS] = entry->facts};
	bool found = false;

	if (word->column != LOG_ANY)
		return holds(in[word->column], span_of(word->text)) !=
		       word->without;
	for (int i = LOG_WHO; i <= LOG_FACTS && !found; i++)
		found = holds(in[i], span_of(word->text));
	return found != word->without;
}

bool
log_filter_fits(
    const struct log_filter *filter, const struct audit_entry *entry)
{
	if (filter->from_ms && entry->at_ms < filter->from_ms)
		return false;
	if (filter->until_ms && entry->at_ms >= filter->until_ms)
		return false;
	for (int i = 0; i < filter->words; i++) {
		if (!word_fits(&filter->word[i], entry))
			return false;
	}
	return true;
}

/* ---- Finding ------------------------------------------------------------------- */

struct finding {
	const struct log_filter *filter;
	int64_t *seq;
	size_t count;
	int64_t last; /* read */
};

static void
keep(void *arg, const struct audit_entry *entry)
{
	struct finding *self = arg;

	self->last = entry->seq;
	if (!log_filter_fits(self->filter, entry))
		return;
	self->seq = mem_more(self->seq, self->count, sizeof *self->seq);
	self->seq[self->count++] = entry->seq;
}

int
log_page(struct store *store, struct db *db, int64_t before, int count,
    void (*each)(void *arg, const struct audit_entry *entry), void *arg,
    struct err *err)
{
	if (person_require(store, db, MAY_LOG_READ, err) < 0)
		return -1;
	return audit_read(db, before, count, each, arg, err);
}

int
log_find(struct store *store, struct db *db, const struct log_filter *filter,
    const atomic_bool *stop, int64_t **out, size_t *count, struct err *err)
{
	struct finding self = {.filter = filter};
	int got;

	if (person_require(store, db, MAY_LOG_READ, err) < 0)
		return -1;
	do {
		got = audit_read(db, self.last, PAGE, keep, &self, err);
		if (got >= 0 && stop && atomic_load(stop))
			got = err_set(err, E_CANCELLED);
	} while (got == PAGE && self.last > 1);
	if (got < 0) {
		free(self.seq);
		return -1;
	}
	*out = self.seq;
	*count = self.count;
	return 0;
}

/* ---- Writing ------------------------------------------------------------------- */

static void
add_hash(struct buf *out, const struct digest *digest)
{
	crypt_hex(out, span_make(digest->bytes, sizeof digest->bytes));
}

static void
json_member(struct buf *out, const char *name, struct span text)
{
	buf_printf(out, ",\"%s\":", name);
	json_quote(out, text);
}

void
log_json(const struct audit_entry *entry, struct buf *out)
{
	struct buf text = BUF_INIT;

	clock_stamp(&text, entry->at_ms);
	buf_printf(out, "{\"entry\":%lld,\"at_ms\":%lld", (long long)entry->seq,
	    (long long)entry->at_ms);
	json_member(out, "time", buf_span(&text));
	json_member(out, "who", entry->who);
	json_member(out, "from", entry->origin);
	json_member(out, "what", entry->what);
	json_member(out, "object", entry->object);
	json_member(out, "facts", entry->facts);
	buf_clear(&text);
	add_hash(&text, &entry->prev);
	json_member(out, "prev", buf_span(&text));
	buf_clear(&text);
	add_hash(&text, &entry->hash);
	json_member(out, "hash", buf_span(&text));
	buf_text(out, "}\n");
	buf_done(&text);
}

static void
log_csv(const struct audit_entry *entry, struct buf *out)
{
	struct buf text = BUF_INIT;

	csv_number(out, entry->seq);
	clock_stamp(&text, entry->at_ms);
	csv_cell(out, buf_span(&text), ',');
	csv_cell(out, entry->who, ',');
	csv_cell(out, entry->origin, ',');
	csv_cell(out, entry->what, ',');
	csv_cell(out, entry->object, ',');
	csv_cell(out, entry->facts, ',');
	buf_clear(&text);
	add_hash(&text, &entry->prev);
	csv_cell(out, buf_span(&text), ',');
	buf_clear(&text);
	add_hash(&text, &entry->hash);
	csv_cell(out, buf_span(&text), '\r');
	buf_char(out, '\n');
	buf_done(&text);
}

struct writing {
	enum log_form form;
	struct buf out;
};

static void
write_one(void *arg, const struct audit_entry *entry)
{
	struct writing *self = arg;

	if (self->form == LOG_CSV)
		log_csv(entry, &self->out);
	else
		log_json(entry, &self->out);
}

static int
write_rows(int fd, const char *path, struct db *db, enum log_form form,
    const int64_t *seq, size_t count, struct err *err)
{
	static const char head[] = "\xef\xbb\xbf"
				   "entry,time,who,from,what,object,facts,prev,"
				   "hash\r\n";
	struct writing self = {.form = form};
	int rc = 0;

	if (form == LOG_CSV)
		buf_text(&self.out, head);
	for (size_t i = count; i > 0 && rc == 0; i--) {
		if (audit_read(db, seq[i - 1] + 1, 1, write_one, &self, err) <
		    0)
			rc = -1;
		if (rc == 0 && (i == 1 || i % PAGE == 0)) {
			rc = csv_write(fd, path, buf_span(&self.out), err);
			buf_clear(&self.out);
		}
	}
	if (rc == 0 && self.out.len)
		rc = csv_write(fd, path, buf_span(&self.out), err);
	buf_done(&self.out);
	return rc == 0 ? csv_sync(fd, path, err) : -1;
}

static int
log_export(struct store *store, enum log_form form, const char *path,
    int64_t rows, struct err *err)
{
	struct buf facts = BUF_INIT;
	struct audit_event event = {.what = "audit.export"};
	int rc;

	audit_fact_int(&facts, "rows", rows);
	audit_fact(
	    &facts, "form", form == LOG_CSV ? SPAN("csv") : SPAN("json"));
	audit_fact(&facts, "path", span_of(path));
	event.facts = buf_span(&facts);
	rc = audit_add(store, &event, err);
	buf_done(&facts);
	return rc;
}

int
log_write(struct store *store, struct db *db, const struct log_filter *filter,
    enum log_form form, const char *path, int64_t *rows, struct err *err)
{
	enum csv_end end = CSV_DROP;
	int64_t *seq = NULL;
	size_t count = 0;
	int fd;

	if (log_find(store, db, filter, NULL, &seq, &count, err) < 0)
		return -1;
	fd = csv_open(path, err);
	if (fd < 0) {
		free(seq);
		return -1;
	}
	*rows = (int64_t)count;
	if (write_rows(fd, path, db, form, seq, count, err) == 0 &&
	    log_export(store, form, path, *rows, err) == 0)
		end = CSV_KEEP;
	free(seq);
	if (csv_close(fd, path, end, end == CSV_KEEP ? err : NULL) < 0)
		return -1;
	return end == CSV_KEEP ? 0 : -1;
}
