/* Two readings of one file side by side.  Separators and quotes are the same
 * octets in both, so that their rows run in step as long as both can be
 * read. */
#include "core/import/choice.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/access/access.h"
#include "core/base/text.h"
#include "core/import/source.h"
#include "core/store/store.h"

enum { ROWS_MAX = 200000, FIRST_LINE_MAX = 4096 };

/* ---- Candidates ----------------------------------------------------------- */

static const enum charset tried[IMPORT_CANDIDATES] = {
    CHARSET_CP932, CHARSET_EUC};

/* One reading under way. */
struct side {
	struct source source;
	struct rows *rows;
	struct csv_row row;
};

static int
side_open(struct side *side, const char *path, const struct import_form *form,
    enum charset charset, struct err *err)
{
	side->source = (struct source){.charset = charset, .fd = -1};
	return source_init(&side->source, path, SOURCE_GIVEN, form, err) < 0
		   ? -1
		   : rows_open(&side->source, &side->rows, err);
}

static void
side_close(struct side *side)
{
	rows_close(&side->rows);
	source_done(&side->source);
}

/* Whether the file can be read so: 1, 0 or -1. */
static int
fits(const char *path, const struct import_form *form, enum charset charset,
    struct err *err)
{
	struct side side = {0};
	struct err why = {0};
	int64_t rows = 0;
	int got = 1;

	if (side_open(&side, path, form, charset, &why) < 0)
		got = -1;
	while (got == 1 && rows++ < ROWS_MAX)
		got = rows_next(side.rows, &side.row, &why);
	side_close(&side);
	if (got >= 0)
		return 1;
	if (why.code == E_IMPORT_ENCODING)
		return 0;
	*err = why;
	return -1;
}

static bool
is_ascii(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.ptr[i] >= 0x80)
			return false;
	}
	return true;
}

/* The first cell at or after from that tells the readings apart, or shows
 * something when b is NULL; the count of cells when there is none. */
static size_t
telling_cell(const struct side *a, const struct side *b, size_t from)
{
	size_t i = from;

	while (i < a->row.count &&
	       (is_ascii(a->row.cell[i]) ||
		   (b && i < b->row.count &&
		       span_equal(a->row.cell[i], b->row.cell[i]))))
		i++;
	return i;
}

/* Samples being gathered. */
struct gathering {
	const char *path;               /* borrowed */
	const struct import_form *form; /* borrowed */
	struct import_candidate *out;
	size_t sides, taken;
};

static bool
is_taken(const struct gathering *to, struct span cell)
{
	char cut[sizeof to->out->sample[0]];

	text_cut(cut, sizeof cut, cell);
	for (size_t i = 0; i < to->taken; i++) {
		if (!strcmp(to->out[0].sample[i], cut))
			return true;
	}
	return false;
}

/* At most so many cells of the rows that the sides stand at. */
static void
take_row(struct gathering *to, const struct side *side, size_t most)
{
	const struct side *b = to->sides > 1 ? &side[1] : NULL;
	size_t at = 0;

	while (most > 0 && to->taken < IMPORT_SAMPLES) {
		at = telling_cell(&side[0], b, at);
		if (at >= side[0].row.count)
			return;
		if (!is_taken(to, side[0].row.cell[at])) {
			for (size_t i = 0; i < to->sides; i++) {
				char *room = to->out[i].sample[to->taken];

				if (at < side[i].row.count)
					text_cut(room,
					    sizeof to->out[i].sample[0],
					    side[i].row.cell[at]);
			}
			to->taken++;
			most--;
		}
		at++;
	}
}

static bool
step(struct side *side, size_t sides)
{
	for (size_t i = 0; i < sides; i++) {
		if (rows_next(side[i].rows, &side[i].row, NULL) != 1)
			return false;
	}
	return sides < 2 || side[0].row.line == side[1].row.line;
}

enum part { FIRST_ROW, OTHER_ROWS };

/* One cell of a row, so that three people are seen; of the first row, which
 * mostly holds headers, as many as are missing. */
static int
gather(enum part part, struct gathering *to, struct err *err)
{
	struct side side[IMPORT_CANDIDATES] = {0};
	int rc = 0;

	for (size_t i = 0; i < to->sides && rc == 0; i++)
		rc = side_open(&side[i], to->path, to->form,
		    (enum charset)(to->out[i].charset - 1), err);
	for (int64_t n = 0; rc == 0 && n < ROWS_MAX &&
			    to->taken < IMPORT_SAMPLES && step(side, to->sides);
	    n++) {
		if (part == FIRST_ROW) {
			take_row(to, side, IMPORT_SAMPLES);
			break;
		}
		if (n > 0)
			take_row(to, side, 1);
	}
	for (size_t i = 0; i < to->sides; i++)
		side_close(&side[i]);
	return rc;
}

int
import_candidates(const char *path, const struct import_form *form,
    struct import_candidate out[IMPORT_CANDIDATES], size_t *count,
    struct err *err)
{
	struct gathering to = {.path = path, .form = form, .out = out};

	for (int i = 0; i < IMPORT_CANDIDATES; i++) {
		int got = fits(path, form, tried[i], err);

		if (got < 0)
			return -1;
		if (got == 0)
			continue;
		out[to.sides++] = (struct import_candidate){
		    .charset = (enum import_charset)(tried[i] + 1)};
	}
	*count = to.sides;
	if (to.sides == 0) {
		err_set(err, E_IMPORT_ENCODING);
		return err_fact(err, "path", span_of(path));
	}
	if (gather(OTHER_ROWS, &to, err) < 0)
		return -1;
	return gather(FIRST_ROW, &to, err);
}

/* ---- Where a file comes from ----------------------------------------------- */

/* The octets of the first line: their number, or -1. */
static ssize_t
first_line(const char *path, char line[FIRST_LINE_MAX], struct err *err)
{
	enum err_code code = E_FILE_OPEN;
	ssize_t got = -1, len = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0) {
		code = E_FILE_READ;
		do
			got = pread(fd, line, FIRST_LINE_MAX, 0);
		while (got < 0 && errno == EINTR);
	}
	if (got < 0) {
		err_sys(err, code, errno);
		err_fact(err, "path", span_of(path));
	}
	if (fd >= 0)
		close(fd);
	if (got >= 4 && !memcmp(line, "PK\x03\x04", 4))
		return 0;
	while (len < got && line[len] != '\r' && line[len] != '\n')
		len++;
	return got < 0 ? -1 : len;
}

int
import_origin(const char *path, struct import_origin *out, struct err *err)
{
	const char *slash = strrchr(path, '/');
	struct span name = span_of(slash ? slash + 1 : path);
	struct buf key = BUF_INIT;
	char line[FIRST_LINE_MAX];
	ssize_t len = first_line(path, line, err);

	if (len < 0)
		return -1;
	for (size_t i = 0; i < name.len; i++) {
		bool digit = name.ptr[i] >= '0' && name.ptr[i] <= '9';

		if (!digit)
			buf_char(&key, name.ptr[i]);
		else if (key.len == 0 || key.ptr[key.len - 1] != '#')
			buf_char(&key, '#');
	}
	buf_char(&key, '\0');
	buf_add(&key, span_make(line, (size_t)len));
	crypt_sha256(buf_span(&key), &out->digest);
	buf_done(&key);
	return 0;
}

/* ---- What was chosen -------------------------------------------------------- */

int
import_choice_find(struct db *db, const struct import_origin *origin,
    struct import_choice *out, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT charset, at_ms, by FROM import_choice WHERE origin = ?1",
	    err);
	enum charset charset;
	int got;

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1,
	    span_make(origin->digest.bytes, sizeof origin->digest.bytes));
	got = stmt_step(stmt, err);
	if (got == 1 && charset_of_name(stmt_col_text(stmt, 0), &charset)) {
		out->charset = (enum import_charset)(charset + 1);
		out->at_ms = stmt_col_int(stmt, 1);
		text_cut(out->by, sizeof out->by, stmt_col_text(stmt, 2));
	} else if (got == 1) {
		got = 0; /* of a later version */
	}
	stmt_reset(stmt);
	return got;
}

static int
put(struct store *store, struct db *db, const struct import_origin *origin,
    const char *charset, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "INSERT OR REPLACE INTO import_choice(origin, charset, at_ms, by)"
	    " VALUES(?1, ?2, ?3, ?4)",
	    err);

	if (!stmt)
		return -1;
	stmt_blob(stmt, 1,
	    span_make(origin->digest.bytes, sizeof origin->digest.bytes));
	stmt_text(stmt, 2, span_of(charset));
	stmt_int(stmt, 3, clock_now_ms(store_clock(store)));
	stmt_text(stmt, 4, span_of(store_user(store)));
	return stmt_run(stmt, err);
}

int
import_choice_remember(struct store *store, const struct import_origin *origin,
    enum import_charset charset, struct err *err)
{
	struct db *db = NULL;
	const char *name;
	char facts[40];
	int rc = -1;

	if (person_require(store, NULL, MAY_LIST_IMPORT, err) < 0)
		return -1;
	if (charset == IMPORT_AUTO || charset >= IMPORT_CHARSETS) {
		err_set(err, E_BUG);
		return err_fact(err, "where", SPAN("import_choice"));
	}
	name = charset_name((enum charset)(charset - 1));
	snprintf(facts, sizeof facts, "charset=%s", name);
	if (store_begin(store, STORE_WAIT_SHORT, "import", &db, err) < 0)
		return -1;
	if (put(store, db, origin, name, err) == 0 &&
	    audit_add_in(store, db,
		&(struct audit_event){
		    "import.charset", SPAN("import"), span_of(facts)},
		err) == 0)
		rc = store_commit(store, &db, err);
	store_rollback(store, &db);
	return rc;
}
