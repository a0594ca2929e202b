/* Every delimiter and every way of quoting is tried on the first rows.  Titles
 * above a table and lines below it are uneven in all of them, so what counts
 * is how many rows are like most others, and not how the first one is. */
#include "core/import/dialect.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/import/csv.h"
#include "core/import/import.h"

enum { TRIED_ROWS = 500 };

/* What one way makes of the first rows. */
struct trial {
	char delimiter;
	enum import_quote quote;
	size_t even;   /* rows with the most frequent number of cells above 1 */
	size_t cells;  /* that number */
	size_t alone;  /* even rows with a cell that is an address, no more */
	size_t broken; /* rows torn, uneven, or never closed */
	size_t wrapped; /* cells with a quotation mark at both ends */
	size_t opened;  /* cells with one at the beginning */
	size_t nulls;   /* cells that are \N */
	size_t spaced;  /* cells with a mark behind blanks */
};

/* One row, as far as it is judged. */
struct sight {
	size_t count;
	bool alone, torn;
};

static bool
is_alone(struct span cell)
{
	static const char cuts[] = ",;|\t\x1f \"<>";
	struct span s = text_trim(cell);
	size_t at = span_index(s, '@');

	if (at == 0 || at + 1 >= s.len)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (memchr(cuts, s.ptr[i], sizeof cuts - 1))
			return false;
	}
	return span_search(s, SPAN("\xe3\x80\x81")) == s.len;
}

static struct sight
see(const struct csv_row *row, struct trial *trial)
{
	struct sight sight = {.count = row->count, .torn = row->torn >= 0};

	for (size_t i = 0; i < row->count; i++) {
		struct span s = row->cell[i];

		sight.alone |= is_alone(s);
		trial->wrapped +=
		    s.len > 1 && *s.ptr == '"' && s.ptr[s.len - 1] == '"';
		trial->opened += s.len > 0 && *s.ptr == '"';
		trial->nulls += span_equal(s, SPAN("\\N"));
		trial->spaced += s.len > 0 && *s.ptr == ' ' &&
				 span_starts(text_trim(s), SPAN("\""));
	}
	return sight;
}

static void
judge(const struct sight *sight, size_t rows, struct trial *trial)
{
	size_t many[IMPORT_COLUMNS_MAX + 1] = {0};

	for (size_t i = 0; i < rows; i++)
		many[sight[i].count]++;
	for (size_t n = 2; n <= IMPORT_COLUMNS_MAX; n++) {
		if (many[n] && many[n] >= trial->even) {
			trial->even = many[n];
			trial->cells = n;
		}
	}
	for (size_t i = 0; i < rows; i++) {
		bool even = sight[i].count == trial->cells;

		trial->alone += even && sight[i].alone;
		trial->broken += !even || sight[i].torn;
	}
}

/* The last row of a part, which may be cut, is left out unless it is the only
 * one; a quote that is open at the end of the whole is a fault. */
static struct trial
attempt_way(struct span head, enum dialect_head how, const struct dialect *way)
{
	struct csv *csv = csv_new(way->delimiter, way->quote, 1);
	struct trial trial = {.delimiter = way->delimiter, .quote = way->quote};
	struct sight *sight = mem_array(TRIED_ROWS, sizeof *sight);
	enum csv_got got = CSV_ROW;
	struct csv_row row;
	size_t rows = 0;

	if (way->blanks)
		csv_skip_blanks(csv);
	while (rows < TRIED_ROWS &&
	       (got = csv_next(csv, &head, &row, NULL)) == CSV_ROW)
		sight[rows++] = see(&row, &trial);
	if (got == CSV_MORE && (how == DIALECT_WHOLE || rows == 0)) {
		got = csv_finish(csv, &row, NULL);
		if (got == CSV_ROW)
			sight[rows++] = see(&row, &trial);
	}
	csv_free(&csv);
	judge(sight, rows, &trial);
	trial.broken += got == CSV_FAILED;
	free(sight);
	return trial;
}

static struct trial
attempt(struct span head, enum dialect_head how, char delimiter,
    enum import_quote quote)
{
	const struct dialect way = {.delimiter = delimiter, .quote = quote};

	return attempt_way(head, how, &way);
}

/* The best way of quoting for a delimiter.  That marks are letters takes more
 * than one that is not closed: that one is rather a mistake, to be named. */
static struct trial
best_quote(struct span head, enum dialect_head how, char delimiter)
{
	struct trial best = attempt(head, how, delimiter, IMPORT_QUOTE_DOUBLE);
	struct trial other;

	if (best.broken == 0 && best.nulls == 0)
		return best;
	if (span_index(head, '\\') < head.len) {
		other = attempt(head, how, delimiter, IMPORT_QUOTE_BACKSLASH);
		if (other.broken < best.broken ||
		    (best.nulls && other.broken == best.broken))
			best = other;
	}
	if (best.broken && span_index(head, '"') < head.len) {
		other = attempt(head, how, delimiter, IMPORT_QUOTE_NONE);
		if (other.broken == 0 && other.wrapped == 0 && other.opened > 1)
			best = other;
	}
	return best;
}

static struct trial
trial_of(struct span head, enum dialect_head how, char delimiter,
    enum import_quote quote)
{
	return quote == IMPORT_QUOTE_FIND
		   ? best_quote(head, how, delimiter)
		   : attempt(head, how, delimiter, quote);
}

static bool
is_better(const struct trial *a, const struct trial *b)
{
	if (a->even != b->even)
		return a->even > b->even;
	if (a->alone != b->alone)
		return a->alone > b->alone;
	return a->cells > b->cells;
}

/* Takes a first line "sep=X" off *head: X, or 0. */
static char
take_sep(struct span *head, struct dialect *dialect)
{
	char found;

	if (head->len < 5 ||
	    !span_equal_nocase(span_slice(*head, 0, 4), SPAN("sep=")) ||
	    !memchr(",;\t|", head->ptr[4], 4) ||
	    (head->len > 5 && head->ptr[5] != '\n' && head->ptr[5] != '\r'))
		return 0;
	found = head->ptr[4];
	dialect->sep_len = 5;
	*head = span_slice(*head, 5, head->len);
	return found;
}

static struct trial
try_touten(struct span head, enum dialect_head how, enum import_quote quote)
{
	struct buf text = BUF_INIT;
	struct trial trial;

	buf_add(&text, head);
	dialect_fold(&text);
	trial = trial_of(buf_span(&text), how, IMPORT_TOUTEN, quote);
	buf_done(&text);
	return trial;
}

/* Some programs write a blank behind each delimiter, and quotation marks behind
 * that: when the rows are even with them as marks, they are. */
static void
find_blanks(struct span head, enum dialect_head how, const struct trial *best,
    struct dialect *dialect)
{
	struct trial other;

	dialect->blanks = true;
	other = attempt_way(head, how, dialect);
	dialect->blanks = other.broken == 0 && other.even >= best->even;
}

void
dialect_find(struct span head, enum dialect_head how, struct dialect *dialect)
{
	static const char all[] = {',', ';', '\t', '|'};
	struct trial best = {.delimiter = ',', .quote = IMPORT_QUOTE_DOUBLE};
	struct trial now;
	char sep = take_sep(&head, dialect);
	char given = dialect->delimiter ? dialect->delimiter : sep;

	for (size_t i = 0; i < sizeof all; i++) {
		if (given && given != all[i])
			continue;
		now = trial_of(head, how, all[i], dialect->quote);
		if (i == 0 || given || is_better(&now, &best))
			best = now;
	}
	if (given == IMPORT_TOUTEN || !given) {
		now = try_touten(head, how, dialect->quote);
		if (given || (now.even > 2 * best.even && now.alone))
			best = now;
	}
	dialect->delimiter = best.delimiter;
	dialect->quote = best.quote;
	if (best.spaced > 1 && best.delimiter != IMPORT_TOUTEN)
		find_blanks(head, how, &best, dialect);
}

void
dialect_fold(struct buf *text)
{
	static const char touten[] = "\xe3\x80\x81";
	size_t to = 0;

	for (size_t i = 0; i < text->len; i++) {
		char c = text->ptr[i];

		if (c == touten[0] && text->len - i >= 3 &&
		    !memcmp(text->ptr + i, touten, 3)) {
			c = IMPORT_TOUTEN;
			i += 2;
		} else if (c == IMPORT_TOUTEN) {
			c = '\x1e';
		}
		text->ptr[to++] = c;
	}
	text->len = to;
}
