/* What an export does away from the screen thread, and the words that its pages
 * share.  Nothing is decided here: core counts, refuses and writes. */
#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/utf8.h"
#include "tui/screens/export.h"
#include "tui/screens/import_path.h"
#include "tui/screens/stepup.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/widgets/chart.h"
#include "tui/widgets/dialog.h"

enum { NAME_CELLS = 40 };

/* ---- Plans ------------------------------------------------------------------ */

static void
copy(struct buf *to, const struct buf *from)
{
	buf_clear(to);
	buf_add(to, buf_span(from));
}

void
export_plan_copy(struct export_plan *to, const struct export_plan *from)
{
	export_order_copy(&to->order, &from->order);
	copy(&to->name, &from->name);
	copy(&to->path, &from->path);
	copy(&to->certificate, &from->certificate);
	to->request = from->request;
}

void
export_plan_done(struct export_plan *plan)
{
	export_order_done(&plan->order);
	buf_done(&plan->name);
	buf_done(&plan->path);
	buf_done(&plan->certificate);
}

void
export_plan_what(const struct export_plan *plan, struct buf *out)
{
	struct span name = buf_span(&plan->name);
	struct span filter = buf_span(&plan->order.filter);

	switch (plan->order.scope) {
	case EXPORT_LIST:
		buf_printf(out, _("The list \"%.*s\""), SPAN_ARG(name));
		return;
	case EXPORT_SEGMENT:
		buf_printf(out, _("The segment \"%.*s\""), SPAN_ARG(name));
		return;
	case EXPORT_FILTER:
		buf_printf(out, _("In \"%.*s\": %.*s"), SPAN_ARG(name),
		    SPAN_ARG(filter));
		return;
	case EXPORT_PERSON:
	case EXPORT_SCOPES:
		break;
	}
	buf_printf(out, _("All that is known of %.*s"), SPAN_ARG(name));
}

/* What stands well in a file name; a person's address does not. */
static void
add_name(const struct export_plan *plan, struct buf *out)
{
	struct span name = utf8_fit(buf_span(&plan->name), NAME_CELLS);

	if (plan->order.scope == EXPORT_PERSON) {
		buf_text(out, "person-");
		buf_int(out, plan->order.contact.v);
		return;
	}
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];
		bool plain = c > ' ' && c != 0x7f && c != '/' && c != '\\';

		buf_char(out, plain && !(i == 0 && c == '.') ? (char)c : '-');
	}
}

void
export_plan_path(
    const struct export_plan *plan, int64_t now_ms, struct buf *out)
{
	const char *home = getenv("HOME");
	bool is_sealed = plan->order.seal != EXPORT_PLAIN;

	buf_printf(out, "%s/", home ? home : "/tmp");
	add_name(plan, out);
	buf_char(out, '-');
	format_date(out, now_ms);
	buf_text(out, is_sealed ? ".csv.cms" : ".csv");
}

void
export_say_columns(const struct export_order *order, struct buf *out)
{
	static const struct {
		unsigned part;
		const char *word;
	} words[] = {
	    {EXPORT_NAME, N_("name")},
	    {EXPORT_FIELDS, N_("fields")},
	    {EXPORT_TAGS, N_("tags")},
	    {EXPORT_EVIDENCE, N_("evidence of consent")},
	};

	buf_text(out, _("address, status"));
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!(order->parts & words[i].part))
			continue;
		buf_text(out, _(", "));
		buf_text(out, _(words[i].word));
		if (words[i].part == EXPORT_FIELDS && order->fields.len)
			buf_text(out, _(" (some)"));
	}
}

const char *
export_charset_word(enum export_charset charset)
{
	return charset == EXPORT_CP932
		   ? _("CP932 (Shift_JIS)")
		   : _("UTF-8 with a mark, for any spreadsheet");
}

const char *
export_seal_word(enum export_seal seal)
{
	switch (seal) {
	case EXPORT_BY_CERTIFICATE:
		return _("for who has a certificate");
	case EXPORT_PLAIN:
		return _("none: plain text");
	case EXPORT_BY_PASSPHRASE:
	case EXPORT_SEALS:
		break;
	}
	return _("with a passphrase made here");
}

/* ---- Work ------------------------------------------------------------------- */

struct export_work *
export_work_new(
    struct app *app, enum export_deed deed, const struct export_plan *plan)
{
	struct export_work *work = mem_new(sizeof *work);

	work->deed = deed;
	work->store = app_store(app);
	work->plan = EXPORT_PLAN_INIT;
	export_plan_copy(&work->plan, plan);
	if (deed == EXPORT_JOB_WRITE &&
	    plan->order.seal == EXPORT_BY_PASSPHRASE)
		work->passphrase = export_passphrase_make();
	return work;
}

static void
work_free(void *data)
{
	struct export_work *work = data;

	export_plan_done(&work->plan);
	export_facts_done(&work->facts);
	buf_done(&work->holder);
	secret_free(&work->passphrase);
	for (size_t i = 0; i < work->fields; i++)
		free(work->field[i]);
	free(work->field);
	free(work);
}

static int
look(struct export_work *work, struct err *err)
{
	/* What it is sealed with has no part in what is counted. */
	enum export_seal seal = work->plan.order.seal;
	int rc;

	if (work->deed == EXPORT_JOB_LOOK)
		work->plan.order.seal = EXPORT_BY_PASSPHRASE;
	rc = export_check(
	    work->store, &work->plan.order, &work->watch, &work->facts, err);
	work->plan.order.seal = seal;
	return rc;
}

/* Core asks again; here it is in time to choose another name. */
static int
see_path(struct export_work *work, struct err *err)
{
	struct stat st;

	if (lstat(work->plan.path.ptr, &st) < 0)
		return 0;
	err_set(err, E_FILE_EXISTS);
	return err_fact(err, "path", buf_span(&work->plan.path));
}

static int
read_certificate(struct export_work *work, struct err *err)
{
	struct export_order *order = &work->plan.order;
	struct buf path = BUF_INIT;
	int rc;

	if (order->seal != EXPORT_BY_CERTIFICATE)
		return 0;
	path_expand(buf_span(&work->plan.certificate), &path);
	buf_clear(&order->certificate);
	rc = file_read(path.ptr ? path.ptr : "", EXPORT_CERTIFICATE_MAX,
	    &order->certificate, err);
	if (rc == 0)
		rc = export_certificate_check(buf_span(&order->certificate),
		    clock_now_ms(store_clock(work->store)), &work->holder, err);
	buf_done(&path);
	return rc;
}

static int
read_fields(struct export_work *work, struct err *err)
{
	struct db *db = NULL;
	int rc = store_view_open(work->store, &db, err);

	if (rc == 0)
		rc = field_names(db, work->plan.order.list, &work->field,
		    &work->fields, err);
	store_reader_close(&db);
	return rc;
}

static int
work_run(struct job *job, void *data, struct err *err)
{
	struct export_work *work = data;

	work->watch.cancel = job_cancel_flag(job);
	switch (work->deed) {
	case EXPORT_JOB_LOOK:
		return look(work, err);
	case EXPORT_JOB_PREPARE:
		if (see_path(work, err) < 0 || read_certificate(work, err) < 0)
			return -1;
		return look(work, err);
	case EXPORT_JOB_ASK:
		return export_ask(work->store, &work->plan.order, &work->watch,
		    &work->request, err);
	case EXPORT_JOB_WRITE:
		return export_write(work->store, &work->plan.order,
		    work->plan.request, work->plan.path.ptr, work->passphrase,
		    &work->watch, &work->made, err);
	case EXPORT_JOB_COLUMNS:
		break;
	}
	return read_fields(work, err);
}

int
export_work_start(struct screen *owner, struct export_work *work,
    struct job **job, struct err *err)
{
	static const struct job_ops ops = {.run = work_run, .free = work_free};

	if (work->deed == EXPORT_JOB_WRITE)
		return stepup_job(owner, STEPUP_EXPORT, &ops, work, job, err);
	return app_job(owner->app, owner, &ops, work, job, err);
}

void
export_work_draw(const struct export_work *work, struct area a, int row)
{
	int64_t done = work->watch.done, total = work->watch.total;
	struct buf text = BUF_INIT, count = BUF_INIT;

	format_count(&count, done);
	buf_printf(&text,
	    work->deed == EXPORT_JOB_WRITE ? _("Writing.. %s people")
					   : _("Counting.. %s people"),
	    count.ptr);
	if (total > 0) {
		buf_clear(&count);
		format_count(&count, total);
		buf_printf(&text, _(" of %s"), count.ptr);
	}
	draw_text(a, row, 2, ROLE_TEXT, buf_span(&text));
	if (total > 0)
		draw_progress(a, row + 1, 2, a.cols - 4, done, total);
	buf_done(&text);
	buf_done(&count);
}

/* ---- The last question ------------------------------------------------------ */

void
export_confirm(struct screen *owner, const struct export_plan *plan,
    int64_t people,
    void (*done)(struct screen *owner, int answer, struct span text))
{
	struct buf text = BUF_INIT, count = BUF_INIT, word = BUF_INIT;

	format_count(&count, people);
	buf_int(&word, people);
	buf_printf(&text,
	    P_("The data of %s person leave the store into",
		"The data of %s people leave the store into", people),
	    count.ptr);
	buf_printf(&text, "\n%.*s\n", SPAN_ARG(buf_span(&plan->path)));
	buf_text(&text,
	    plan->order.seal == EXPORT_PLAIN
		? _("In plain text: whoever gets the file can read it. The log "
		    "holds who, why and its SHA-256.")
		: _("The log holds who, why and its SHA-256."));
	dialog_type(owner,
	    &(struct dialog){
		.title = _("Write the export"), .text = text.ptr, .done = done},
	    word.ptr);
	buf_done(&text);
	buf_done(&count);
	buf_done(&word);
}
