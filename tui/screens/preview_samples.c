/* The hunt for worst cases, as the preview shows it: a job that may take a
 * minute, a list of what it has found, and which of them were looked at. */
#include <stddef.h>
#include <stdlib.h>

#include "tui/screens/preview.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/sample_text.h"

struct hunt_work {
	struct store *store; /* borrowed */
	struct campaign_id campaign;
	int64_t at_ms;
	struct samples_watch watch;
	struct samples *samples;
};

static int
hunt_run(struct job *job, void *data, struct err *err)
{
	struct hunt_work *work = data;

	work->watch.cancel = job_cancel_flag(job);
	return samples_find(work->store, work->campaign, work->at_ms,
	    &work->watch, &work->samples, err);
}

static void
hunt_free(void *data)
{
	struct hunt_work *work = data;

	samples_free(&work->samples);
	free(work);
}

static const struct job_ops hunt_job = {.run = hunt_run, .free = hunt_free};

/* ---- Rows -------------------------------------------------------------------- */

static const struct list_column columns[] = {
    {"", 1, 0, 0, FIT_END},
    {N_("Worst cases"), 0, 16, 0, FIT_END},
    {N_("How much"), 9, 0, 0, FIT_RIGHT},
    {N_("Name"), 16, 0, 2, FIT_END},
    {N_("Number"), 9, 0, 1, FIT_RIGHT},
};

static struct hunt *
of_source(struct list_source *source)
{
	return (struct hunt *)((char *)source - offsetof(struct hunt, source));
}

static int64_t
source_count(struct list_source *source)
{
	size_t count = 0;

	if (of_source(source)->samples)
		samples_all(of_source(source)->samples, &count);
	return (int64_t)count;
}

static bool
source_row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct hunt *hunt = of_source(source);
	const struct sample *sample = hunt_sample(hunt, index);

	if (!sample)
		return false;
	for (int i = 0; i < 3; i++)
		buf_clear(&hunt->cell[i]);
	sample_text(sample, &hunt->cell[0]);
	/* where all are counted, that is their number */
	if (!hunt->hides_numbers || sample->count <= 0)
		sample_measure(sample, &hunt->cell[1]);
	if (!hunt->hides_numbers)
		format_count(&hunt->cell[2], sample->position);
	out->key = index;
	out->cell[0] = hunt->seen[index] ? SPAN("+") : SPAN("");
	out->cell_role[0] = ROLE_OK;
	out->cell[1] = buf_span(&hunt->cell[0]);
	if (sample->reason == SAMPLE_FAULT)
		out->cell_role[1] = ROLE_ERR;
	out->cell[2] = buf_span(&hunt->cell[1]);
	out->cell[3] = sample->name;
	out->cell[4] = buf_span(&hunt->cell[2]);
	return true;
}

/* ---- Life -------------------------------------------------------------------- */

void
hunt_init(struct hunt *hunt, struct campaign_id campaign)
{
	*hunt = (struct hunt){.campaign = campaign, .at = -1};
	hunt->source =
	    (struct list_source){.count = source_count, .row = source_row};
	hunt->list =
	    list_new(&hunt->source, columns, sizeof columns / sizeof *columns);
	list_set_empty(
	    hunt->list, N_("c looks for the worst cases of this campaign."));
}

void
hunt_done(struct hunt *hunt)
{
	list_free(&hunt->list);
	samples_free(&hunt->samples);
	for (int i = 0; i < 3; i++)
		buf_done(&hunt->cell[i]);
	free(hunt->seen);
}

void
hunt_set(struct hunt *hunt, struct samples **samples)
{
	size_t count = 0;

	samples_free(&hunt->samples);
	hunt->samples = *samples;
	*samples = NULL;
	if (hunt->samples)
		samples_all(hunt->samples, &count);
	free(hunt->seen);
	hunt->seen = mem_array(count, sizeof *hunt->seen);
	hunt->seen_count = 0;
	hunt->at = -1;
	list_refresh(hunt->list);
}

void
hunt_start(struct hunt *hunt, struct screen *owner)
{
	struct hunt_work *work;
	struct err err = {0};

	if (hunt->job || hunt->samples)
		return;
	work = mem_new(sizeof *work);
	work->store = app_store(owner->app);
	work->campaign = hunt->campaign;
	work->at_ms = app_now_ms(owner->app);
	hunt->watch = &work->watch;
	if (app_job(owner->app, owner, &hunt_job, work, &hunt->job, &err) < 0) {
		hunt->watch = NULL;
		hunt->job = NULL;
		app_say_err(owner->app, &err);
	}
}

bool
hunt_take(struct hunt *hunt, struct screen *owner, struct job *job, void *data,
    int rc, const struct err *err)
{
	struct hunt_work *work = data;

	if (!hunt->job || job != hunt->job)
		return false;
	hunt->job = NULL;
	hunt->watch = NULL;
	if (rc < 0)
		app_say_err(owner->app, err);
	else
		hunt_set(hunt, &work->samples);
	return true;
}

const struct sample *
hunt_sample(const struct hunt *hunt, int64_t index)
{
	const struct sample *sample;
	size_t count;

	if (!hunt->samples || index < 0)
		return NULL;
	sample = samples_all(hunt->samples, &count);
	return (size_t)index < count ? &sample[index] : NULL;
}

void
hunt_note(struct hunt *hunt, int64_t key)
{
	const struct sample *sample;

	for (int64_t i = 0; (sample = hunt_sample(hunt, i)); i++) {
		if (sample->key != key || hunt->seen[i])
			continue;
		hunt->seen[i] = true;
		hunt->seen_count++;
	}
}

void
hunt_reasons(const struct hunt *hunt, int64_t key, struct buf *out)
{
	const struct sample *sample;

	for (int64_t i = 0; (sample = hunt_sample(hunt, i)); i++) {
		if (sample->key != key)
			continue;
		if (out->len > 0)
			buf_text(out, ", ");
		sample_text(sample, out);
	}
}

void
hunt_hint(const struct hunt *hunt, struct buf *out)
{
	struct buf part = BUF_INIT;

	/* in per cent: how many there are may not be said yet */
	if (hunt->watch) {
		format_percent(&part, atomic_load(&hunt->watch->done),
		    atomic_load(&hunt->watch->total));
		buf_printf(out, _("i looking for worst cases: %s; ^C stops"),
		    part.ptr);
	}
	buf_done(&part);
}
