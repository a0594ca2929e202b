/* Decides which names a template may use.  Fields come from the list, keys
 * inside of a list from the data of some recipient; names that the program
 * knows itself have a dot and win, so that no import can change who a mail says
 * it is from. */
#include <stdlib.h>

#include "core/compose/template.h"

/* The way to the value of a section that is open, for what stands in it. */
struct known {
	const struct span *part; /* NULL: no way into the data */
	size_t count;
};

struct check {
	struct db *db;
	const struct campaign *campaign;
	struct template *template;
	struct known *section; /* by mark */
	struct err *err;
};

/* ---- Our own ----------------------------------------------------------- */

static int
list_name(const struct check *check, struct buf *out)
{
	struct stmt *stmt = db_stmt(
	    check->db, "SELECT name FROM list WHERE id = ?1", check->err);
	int got;

	if (!stmt)
		return -1;
	stmt_int(stmt, 1, check->campaign->list);
	got = stmt_step(stmt, check->err);
	if (got == 1)
		buf_add(out, stmt_col_text(stmt, 0));
	stmt_reset(stmt);
	return got < 0 ? -1 : 0;
}

/* 1 and the value when the name is one of ours, 0 when it is not. */
static int
own_value(const struct check *check, struct span name, struct buf *out)
{
	const struct campaign *campaign = check->campaign;
	const struct legal *legal = &check->template->legal;
	const struct {
		struct span name, value;
	} own[] = {
	    {SPAN("campaign.name"), buf_span(&campaign->name)},
	    {SPAN("campaign.from"), buf_span(&campaign->from_name)},
	    {SPAN("campaign.address"), buf_span(&campaign->from_address)},
	    {SPAN("campaign.reply_to"), buf_span(&campaign->reply_to)},
	    {SPAN("sender.name"), legal->name},
	    {SPAN("sender.postal"), legal->postal},
	    {SPAN("sender.contact"), legal->contact},
	};

	if (span_equal(name, SPAN("list.name")))
		return list_name(check, out) < 0 ? -1 : 1;
	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		if (!span_equal(name, own[i].name))
			continue;
		buf_add(out, own[i].value);
		return 1;
	}
	return 0;
}

static int
fix_own(const struct check *check)
{
	struct merge_set *set = &check->template->set;
	struct buf value = BUF_INIT;
	int got = 0;

	for (unsigned i = 0; i < set->field_count && got >= 0; i++) {
		buf_clear(&value);
		got = own_value(check, set->field[i].name, &value);
		if (got == 1)
			merge_fix(set, i, buf_span(&value));
	}
	buf_done(&value);
	return got < 0 ? -1 : 0;
}

/* ---- The list's -------------------------------------------------------- */

/* The way: that of the section, then the parts of the field. */
static struct field_path
join_path(const struct check *check, const struct known *section,
    const struct merge_field *field)
{
	const struct merge_set *set = &check->template->set;
	struct span *part = arena_take(check->template->arena,
	    (section->count + field->depth) * sizeof *part);

	for (size_t i = 0; i < section->count; i++)
		part[i] = section->part[i];
	for (size_t i = 0; i < field->depth; i++)
		part[section->count + i] = set->part[field->path[i]].name;
	return (struct field_path){part, section->count + field->depth};
}

static bool
is_built_in(const struct merge_field *field)
{
	return span_equal(field->name, SPAN("name")) ||
	       span_equal(field->name, SPAN("address"));
}

/* A mark of the same field in the same place, which was looked up. */
static unsigned
same_before(const struct merge_set *set, unsigned number)
{
	const struct merge_mark *mark = &set->mark[number];

	for (unsigned i = number; i > 0; i--) {
		if (set->mark[i - 1].field == mark->field &&
		    set->mark[i - 1].parent == mark->parent &&
		    set->mark[i - 1].kind != MERGE_CLOSE)
			return i - 1;
	}
	return MERGE_NO_MARK;
}

/* Looks a mark up from the innermost section outwards, and notes the way. */
static int
look_up(const struct check *check, unsigned number)
{
	const struct merge_set *set = &check->template->set;
	const struct merge_mark *mark = &set->mark[number];
	const struct merge_field *field = &set->field[mark->field];
	struct field_path path[MERGE_DEPTH_MAX + 1];
	static const struct known root = {NULL, 0};
	unsigned same = same_before(set, number);
	size_t count = 0, which = 0;
	int got;

	if (same != MERGE_NO_MARK) {
		check->section[number] = check->section[same];
		return 0;
	}
	for (unsigned i = mark->parent; i != MERGE_NO_MARK;
	    i = set->mark[i].parent) {
		if (set->mark[i].kind == MERGE_SECTION &&
		    check->section[i].part)
			path[count++] =
			    join_path(check, &check->section[i], field);
	}
	path[count++] = join_path(check, &root, field);
	got = check->campaign->list == 0
		  ? 0
		  : field_find_path(check->db,
			(struct list_id){check->campaign->list}, path, count,
			&which, check->err);
	if (got == 0)
		merge_fail(set, number, E_MERGE_UNKNOWN, NULL, check->err);
	if (got != 1)
		return -1;
	check->section[number] =
	    (struct known){path[which].part, path[which].count};
	return 0;
}

static int
check_mark(const struct check *check, unsigned number)
{
	const struct merge_set *set = &check->template->set;
	const struct merge_mark *mark = &set->mark[number];
	const struct merge_field *field = &set->field[mark->field];

	if (mark->kind == MERGE_CLOSE || field->fixed > 0 || is_built_in(field))
		return 0;
	if (field->depth > 0)
		return look_up(check, number);
	if (mark->parent == MERGE_NO_MARK)
		return merge_fail(
		    set, number, E_MERGE_SYNTAX, "name", check->err);
	check->section[number] = check->section[mark->parent];
	return 0;
}

int
template_check_fields(struct db *db, const struct campaign *campaign,
    struct template *template, struct err *err)
{
	struct check check = {
	    .db = db, .campaign = campaign, .template = template, .err = err};
	int rc = -1;

	check.section =
	    mem_array(template->set.mark_count + 1, sizeof *check.section);
	if (fix_own(&check) < 0)
		goto out;
	for (unsigned i = 0; i < template->set.mark_count; i++) {
		if (check_mark(&check, i) < 0)
			goto out;
	}
	rc = 0;
out:
	free(check.section);
	return rc;
}
