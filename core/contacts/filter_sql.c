/* From terms to a statement.  A term chooses among the pieces that
 * core/store/fragment.def has, everything it says is bound. */
#include <assert.h>

#include "core/contacts/contacts.h"

enum {
	TERM_VALUES = 5,
	VALUES = FILTER_TERMS * TERM_VALUES,
	LEDGER_ACCEPTED_ROW = 3, /* enum ledger_state, core/deliver/deliver.h */
	LEDGER_FAILED_ROW = 5,
	RARE = 20000 /* contacts, beside those of a long list */
};

struct value {
	bool is_text;
	int64_t number;
	struct span text;
};

/* A statement under way. */
struct shape {
	enum fragment part[FRAGMENTS_MAX];
	size_t parts;
	struct value value[VALUES];
	size_t values;
};

static_assert(SUPPRESS_DOMAIN == 6, "as in core/store/fragment.def");
static_assert(FILTER_TERMS * 4 + 4 <= FRAGMENTS_MAX, "room for every term");

static void
add(struct shape *shape, enum fragment part)
{
	shape->part[shape->parts++] = part;
}

static void
number(struct shape *shape, int64_t value)
{
	shape->value[shape->values++] = (struct value){.number = value};
}

static void
text(struct shape *shape, struct span value)
{
	shape->value[shape->values++] =
	    (struct value){.is_text = true, .text = value};
}

/* ---- Terms ---------------------------------------------------------------- */

static void
add_text(struct shape *shape, enum fragment part, struct span value)
{
	add(shape, part);
	text(shape, value);
}

static void
add_number(struct shape *shape, enum fragment part, int64_t value)
{
	add(shape, part);
	number(shape, value);
}

static void
add_times(
    struct shape *shape, enum fragment part, const struct filter_term *term)
{
	add(shape, part);
	number(shape, term->from_ms);
	number(shape, term->to_ms);
}

static void
add_stopped(struct shape *shape, const struct filter_term *term, int64_t now_ms)
{
	add_number(shape,
	    term->has_domains ? FRAGMENT_STOPPED_DOMAINS : FRAGMENT_STOPPED,
	    now_ms);
	if (term->has_domains)
		number(shape, now_ms);
}

static void
add_status(struct shape *shape, const struct filter_term *term, int64_t now_ms)
{
	static const enum suppress_cause causes[FILTER_STATUSES][2] = {
	    [FILTER_UNSUBSCRIBED] = {SUPPRESS_UNSUBSCRIBED,
		SUPPRESS_UNSUBSCRIBED},
	    [FILTER_BOUNCING] = {SUPPRESS_BOUNCED, SUPPRESS_SOFT},
	    [FILTER_COMPLAINT] = {SUPPRESS_COMPLAINT, SUPPRESS_COMPLAINT},
	};

	if (term->choice == FILTER_ACTIVE)
		add(shape, FRAGMENT_NOT);
	if (term->choice == FILTER_NOBASIS) {
		add_number(shape, FRAGMENT_BASIS, BASIS_NONE);
	} else if (term->choice == FILTER_ACTIVE ||
		   term->choice == FILTER_STOPPED) {
		add_stopped(shape, term, now_ms);
	} else {
		add_number(shape, FRAGMENT_STOPPED_FOR, now_ms);
		number(shape, causes[term->choice][0]);
		number(shape, causes[term->choice][1]);
	}
}

static void
add_field(struct shape *shape, const struct filter_term *term)
{
	add_text(shape, FRAGMENT_FIELD, term->name);
	number(shape, term->op);
	text(shape, term->a);
	text(shape, term->b);
}

static void
add_got(struct shape *shape, const struct filter_term *term, int state)
{
	if (term->op == MATCH_HAS) {
		add(shape, FRAGMENT_GOT_ANY);
	} else {
		add_number(shape, FRAGMENT_GOT, term->choice);
	}
	number(shape, state);
}

static void
add_name(struct shape *shape, const struct filter_term *term)
{
	if (term->op == MATCH_HAS)
		add(shape, FRAGMENT_NAME_HAS);
	else
		add_text(shape,
		    term->op == MATCH_SAME ? FRAGMENT_NAME_SAME
					   : FRAGMENT_NAME_HOLDS,
		    term->a);
}

static void
add_term(struct shape *shape, const struct filter_term *term, int64_t now_ms)
{
	switch (term->subject) {
	case FILTER_WORD:
		add_text(shape, FRAGMENT_WORD, term->a);
		break;
	case FILTER_ADDRESS:
		add_text(shape,
		    term->op == MATCH_SAME ? FRAGMENT_ADDRESS_SAME
					   : FRAGMENT_ADDRESS_HOLDS,
		    term->a);
		break;
	case FILTER_NAME:
		add_name(shape, term);
		break;
	case FILTER_DOMAIN:
		add_text(shape,
		    term->op == MATCH_SAME ? FRAGMENT_DOMAIN_SAME
					   : FRAGMENT_DOMAIN_UNDER,
		    term->a);
		break;
	case FILTER_TAG:
		if (term->op == MATCH_HAS)
			add(shape, FRAGMENT_TAG_HAS);
		else
			add_number(shape,
			    term->is_rare ? FRAGMENT_TAG_RARE : FRAGMENT_TAG,
			    term->choice);
		break;
	case FILTER_STATUS:
		add_status(shape, term, now_ms);
		break;
	case FILTER_BASIS:
		if (term->op == MATCH_HAS)
			add(shape, FRAGMENT_BASIS_HAS);
		else
			add_number(shape, FRAGMENT_BASIS, term->choice);
		break;
	case FILTER_LIST:
		add_number(shape, FRAGMENT_LIST, term->choice);
		break;
	case FILTER_SINCE:
	case FILTER_AGE:
		if (term->op == MATCH_HAS)
			add(shape, FRAGMENT_SINCE_HAS);
		else
			add_times(shape, FRAGMENT_SINCE, term);
		break;
	case FILTER_ADDED:
		add_times(shape, FRAGMENT_ADDED, term);
		break;
	case FILTER_CHANGED:
		add_times(shape, FRAGMENT_CHANGED, term);
		break;
	case FILTER_SENT:
		if (term->op == MATCH_HAS)
			add(shape, FRAGMENT_SENT_EVER);
		else
			add_times(shape, FRAGMENT_SENT, term);
		break;
	case FILTER_RECEIVED:
		add_got(shape, term, LEDGER_ACCEPTED_ROW);
		break;
	case FILTER_BOUNCED:
		add_got(shape, term, LEDGER_FAILED_ROW);
		break;
	case FILTER_FIELD:
	case FILTER_SUBJECTS:
		add_field(shape, term);
		break;
	}
}

/* Whether the contact's own row has to be read. */
static bool
needs_contact(const struct filter *filter)
{
	for (size_t i = 0; i < filter->count; i++) {
		switch (filter->term[i].subject) {
		case FILTER_WORD:
		case FILTER_ADDRESS:
		case FILTER_NAME:
		case FILTER_DOMAIN:
		case FILTER_ADDED:
		case FILTER_CHANGED:
		case FILTER_FIELD:
			return true;
		default:
			break;
		}
	}
	return false;
}

static void
make(struct shape *shape, const struct filter *filter, enum filter_want want)
{
	static const enum fragment begin[][2] = {
	    [FILTER_IDS] = {FRAGMENT_IDS, FRAGMENT_IDS_TEXT},
	    [FILTER_COUNT] = {FRAGMENT_COUNT, FRAGMENT_COUNT_TEXT},
	    [FILTER_ROWS] = {FRAGMENT_ROWS, FRAGMENT_ROWS},
	    [FILTER_PEOPLE] = {FRAGMENT_PEOPLE, FRAGMENT_PEOPLE},
	};

	shape->parts = shape->values = 0;
	add(shape, begin[want][needs_contact(filter)]);
	if (filter->count == 0)
		add(shape, FRAGMENT_ALL);
	for (size_t i = 0; i < filter->count; i++) {
		const struct filter_term *term = &filter->term[i];

		if (i > 0)
			add(shape,
			    term->alternative ? FRAGMENT_OR : FRAGMENT_AND);
		if (term->negated)
			add(shape, FRAGMENT_NOT);
		add_term(shape, term, filter->now_ms);
	}
	add(shape, want == FILTER_COUNT ? FRAGMENT_END : FRAGMENT_BY_ID);
}

struct stmt *
filter_stmt(struct db *db, struct list_id list, const struct filter *filter,
    struct contact_id from, enum filter_want want, struct err *err)
{
	struct shape shape;
	struct stmt *stmt;

	make(&shape, filter, want);
	stmt = db_stmt_parts(db, shape.part, shape.parts, err);
	if (!stmt)
		return NULL;
	stmt_int(stmt, 1, list.v);
	stmt_int(stmt, 2, from.v);
	for (size_t i = 0; i < shape.values; i++) {
		const struct value *value = &shape.value[i];

		if (value->is_text)
			stmt_text(stmt, (int)i + 3, value->text);
		else
			stmt_int(stmt, (int)i + 3, value->number);
	}
	return stmt;
}

/* ---- Looking up ----------------------------------------------------------- */

static int
unknown(const struct filter_term *term, const char *what, struct err *err)
{
	err_set(err, E_FILTER_UNKNOWN);
	err_fact_int(err, "column", (int64_t)term->column);
	return err_fact(err, "what", span_of(what));
}

/* The first row (id, name) with this name or number. */
static int
look_up(struct db *db, const char *sql, const char *what,
    struct filter_term *term, struct err *err)
{
	struct stmt *stmt = db_stmt(db, sql, err);
	int64_t number = 0;
	bool found = false;
	int got;

	if (!stmt)
		return -1;
	span_int(term->a, &number);
	while (!found && (got = stmt_step(stmt, err)) == 1) {
		term->choice = stmt_col_int(stmt, 0);
		found = match_same(stmt_col_text(stmt, 1), term->a);
	}
	stmt_reset(stmt);
	if (found || got < 0)
		return found ? 0 : -1;
	if (number == 0)
		return unknown(term, what, err);
	stmt = db_stmt(db, sql, err);
	if (!stmt)
		return -1;
	while (!found && (got = stmt_step(stmt, err)) == 1)
		found = stmt_col_int(stmt, 0) == number;
	stmt_reset(stmt);
	term->choice = number;
	if (got < 0)
		return -1;
	return found ? 0 : unknown(term, what, err);
}

static int
weigh_tag(struct db *db, struct filter_term *term, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT count(*) FROM (SELECT 1 FROM contact_tag WHERE tag = ?1"
	    " LIMIT ?2)",
	    err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, term->choice);
	stmt_int(stmt, 2, RARE);
	if (stmt_step(stmt, err) != 1)
		return -1;
	term->is_rare = stmt_col_int(stmt, 0) < RARE;
	stmt_reset(stmt);
	return 0;
}

static int
look_for_domains(struct db *db, struct filter_term *term, struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT EXISTS(SELECT 1 FROM suppression WHERE cause = ?1)", err);

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, SUPPRESS_DOMAIN);
	if (stmt_step(stmt, err) != 1)
		return -1;
	term->has_domains = stmt_col_int(stmt, 0) != 0;
	stmt_reset(stmt);
	return 0;
}

static int
resolve(struct db *db, struct filter_term *term, struct err *err)
{
	static const char tags[] = "SELECT id, name FROM tag ORDER BY id";
	static const char lists[] = "SELECT id, name FROM list ORDER BY id";
	static const char campaigns[] =
	    "SELECT id, name FROM campaign ORDER BY id DESC";

	if (term->op == MATCH_HAS)
		return 0;
	if (term->subject == FILTER_STATUS)
		return look_for_domains(db, term, err);
	if (term->subject == FILTER_TAG)
		return look_up(db, tags, "tag", term, err) < 0
			   ? -1
			   : weigh_tag(db, term, err);
	if (term->subject == FILTER_LIST)
		return look_up(db, lists, "list", term, err);
	if (term->subject == FILTER_RECEIVED || term->subject == FILTER_BOUNCED)
		return look_up(db, campaigns, "campaign", term, err);
	return 0;
}

static bool
is_hidden(enum filter_subject subject)
{
	return subject == FILTER_WORD || subject == FILTER_ADDRESS ||
	       subject == FILTER_NAME || subject == FILTER_FIELD;
}

int
filter_check_shown(const struct filter *filter, struct err *err)
{
	for (size_t i = 0; i < filter->count; i++) {
		if (!is_hidden(filter->term[i].subject))
			continue;
		err_set(err, E_FILTER_MASKED);
		return err_fact_int(
		    err, "column", (int64_t)filter->term[i].column);
	}
	return 0;
}

int
filter_prepare(struct db *db, struct span text, int64_t now_ms,
    struct filter **out, struct err *err)
{
	struct filter *filter = NULL;
	int rc;

	if (filter_parse(text, now_ms, &filter, err) < 0)
		return -1;
	rc = db_is_masked(db) ? filter_check_shown(filter, err) : 0;
	for (size_t i = 0; rc == 0 && i < filter->count; i++)
		rc = resolve(db, &filter->term[i], err);
	if (rc < 0)
		filter_free(&filter);
	*out = filter;
	return rc;
}

int
filter_check_fields(struct db *db, struct list_id list,
    const struct filter *filter, struct err *err)
{
	char **name = NULL;
	size_t count = 0;
	int rc = 0;

	if (field_names(db, list, &name, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < filter->count && rc == 0; i++) {
		const struct filter_term *term = &filter->term[i];
		bool found = term->subject != FILTER_FIELD;

		for (size_t k = 0; k < count && !found; k++)
			found = match_same(span_of(name[k]), term->name);
		if (!found)
			rc = unknown(term, "field", err);
	}
	field_names_free(&name, count);
	return rc;
}
