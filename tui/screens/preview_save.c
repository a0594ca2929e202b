/* A mail into a file: where, why, and that nothing is overwritten. */
#include <stdlib.h>

#include "core/base/utf8.h"
#include "tui/screens/import_path.h"
#include "tui/screens/preview.h"
#include "tui/screens/stepup.h"
#include "tui/text/i18n.h"

struct save_work {
	struct store *store; /* borrowed */
	struct campaign_id campaign;
	int64_t position;
	struct buf path, purpose, bytes;
};

static int
save_run(struct job *job, void *data, struct err *err)
{
	struct save_work *work = data;
	const struct sample_file file = {.campaign = work->campaign,
	    .position = work->position,
	    .path = buf_span(&work->path),
	    .purpose = buf_span(&work->purpose),
	    .bytes = buf_span(&work->bytes)};

	(void)job;
	return sample_write(work->store, &file, err);
}

static void
save_free(void *data)
{
	struct save_work *work = data;

	buf_done(&work->path);
	buf_done(&work->purpose);
	buf_wipe(&work->bytes);
	free(work);
}

static const struct job_ops save_job = {.run = save_run, .free = save_free};

/* A name that needs no quoting in a shell and is no path. */
static void
add_slug(struct buf *out, struct span name)
{
	uint32_t cp;

	while (utf8_next(&name, &cp)) {
		bool plain = cp > 0xa0 || (cp >= '0' && cp <= '9') ||
			     (cp >= 'A' && cp <= 'Z') ||
			     (cp >= 'a' && cp <= 'z');

		if (plain)
			buf_utf8(out, cp);
		else if (out->len > 0 && out->ptr[out->len - 1] != '-')
			buf_char(out, '-');
	}
}

void
save_name(const struct mail *mail, struct buf *out)
{
	const char *home = getenv("HOME");
	struct buf slug = BUF_INIT;

	add_slug(&slug, span_slice(mail->campaign_name, 0, 120));
	buf_printf(out, "%s/%.*s-%06lld.eml", home ? home : "",
	    SPAN_ARG(buf_span(&slug)), (long long)mail->copy.position);
	buf_done(&slug);
}

static bool
is_html(struct span path)
{
	return span_ends(path, SPAN(".html"));
}

void
save_check(struct span path, struct buf *why)
{
	struct buf whole = BUF_INIT;

	path_expand(path, &whole);
	if (!span_starts(buf_span(&whole), SPAN("/")))
		buf_text(why, _("The path begins with / or ~."));
	else if (!is_html(buf_span(&whole)) &&
		 !span_ends(buf_span(&whole), SPAN(".eml")))
		buf_text(why, _("The name ends in .eml or .html."));
	buf_done(&whole);
}

void
save_start(struct save *save, struct screen *owner, const struct mail *mail)
{
	struct save_work *work = mem_new(sizeof *work);
	struct err err = {0};

	work->store = app_store(owner->app);
	work->campaign = mail->campaign;
	work->position = mail->copy.position;
	path_expand(buf_span(&save->path), &work->path);
	buf_add(&work->purpose, buf_span(&save->purpose));
	buf_add(&work->bytes, is_html(buf_span(&work->path))
				  ? mail->copy.html
				  : mail->copy.bytes);
	if (stepup_job(
		owner, STEPUP_EXPORT, &save_job, work, &save->job, &err) < 0) {
		save->job = NULL;
		app_say_err(owner->app, &err);
	}
}

bool
save_take(struct save *save, struct screen *owner, struct job *job, void *data,
    int rc, const struct err *err)
{
	struct save_work *work = data;

	if (!save->job || job != save->job)
		return false;
	save->job = NULL;
	if (rc < 0)
		app_say_err(owner->app, err);
	else
		app_sayf(owner->app, SAY_OK,
		    _("Written to %s, readable by you alone; the log holds "
		      "it as an export."),
		    work->path.ptr);
	return true;
}
