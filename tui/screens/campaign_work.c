/* Reading and saving the head of a campaign.  A mail theme's file is read while
 * saving, so that what is stored is what the file held then. */
#include "tui/screens/campaign_work.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/text.h"

/* Looks for themes, and at the file of the one that was chosen. */
static void
load_themes(struct head_task *task)
{
	const struct campaign *campaign = &task->campaign;
	struct buf text = BUF_INIT;

	mailthemes_find(task->places, &task->themes.entry, &task->themes.count);
	if (campaign->theme.len > 0 &&
	    mailthemes_read(task->places, campaign->theme.ptr, &text, NULL) ==
		0)
		task->summary.theme_changed = !span_equal(
		    buf_span(&text), buf_span(&campaign->theme_text));
	buf_done(&text);
}

/* Takes the file of a theme as it is now into the campaign. */
static int
take_theme(struct head_task *task, struct err *err)
{
	struct campaign *campaign = &task->campaign;
	struct mail_theme theme;

	buf_clear(&campaign->theme);
	buf_text(&campaign->theme, task->take);
	buf_clear(&campaign->theme_text);
	if (mailthemes_read(
		task->places, task->take, &campaign->theme_text, err) < 0)
		return -1;
	return mail_theme_check(buf_span(&campaign->theme_text), &theme, err);
}

static void
add_choice(struct head_task *task, const struct list_info *list,
    const struct segment *segment)
{
	struct audience_choice *choice;
	struct buf name = BUF_INIT;

	task->lists =
	    mem_grow(task->lists, (task->list_count + 1) * sizeof *task->lists);
	choice = &task->lists[task->list_count++];
	buf_text(&name, list->name);
	if (segment)
		buf_printf(&name, " > %s", segment->name);
	*choice = (struct audience_choice){.list = list->id.v,
	    .segment = segment ? segment->id : 0,
	    .color = list->color,
	    .contacts = list->contacts,
	    .sendable = segment ? -1 : list->sendable};
	text_cut(choice->name, sizeof choice->name, buf_span(&name));
	buf_done(&name);
}

/* Every list, with its segments behind it. */
static int
load_audiences(struct head_task *task, struct db *db, struct err *err)
{
	struct list_info *list = NULL;
	struct segment *segment = NULL;
	size_t lists = 0, segments = 0;
	int rc = list_all(db, &list, &lists, err);

	if (rc == 0)
		rc = segment_all(
		    db, (struct list_id){0}, &segment, &segments, err);
	for (size_t i = 0; rc == 0 && i < lists; i++) {
		add_choice(task, &list[i], NULL);
		for (size_t k = 0; k < segments; k++) {
			if (segment[k].list.v == list[i].id.v)
				add_choice(task, &list[i], &segment[k]);
		}
	}
	free(segment);
	free(list);
	return rc;
}

static int
load(struct head_task *task, struct err *err)
{
	struct buf subject = BUF_INIT, body = BUF_INIT;
	struct db *db = NULL;
	int64_t at_ms;
	int rc = -1, got;

	if (store_view_open(task->store, &db, err) < 0)
		return -1;
	if (campaign_read(db, task->campaign.id, &task->campaign, err) < 0 ||
	    load_audiences(task, db, err) < 0 ||
	    smime_all(db, task->arena, &task->identity, &task->identity_count,
		err) < 0)
		goto out;
	got = campaign_find_unsaved(
	    db, task->campaign.id, &subject, &body, &at_ms, err);
	if (got < 0)
		goto out;
	if (got > 0 &&
	    !span_equal(buf_span(&body), buf_span(&task->campaign.body)))
		task->summary.kept_ms = at_ms;
	summary_make(task->store, db, &task->campaign, &task->summary);
	load_themes(task);
	rc = 0;
out:
	buf_done(&subject);
	buf_done(&body);
	store_reader_close(&db);
	return rc;
}

static int
task_run(struct job *job, void *data, struct err *err)
{
	struct head_task *task = data;

	(void)job;
	if (task->kind == HEAD_SAVE && task->take[0] &&
	    take_theme(task, err) < 0)
		return -1;
	if (task->kind == HEAD_SAVE)
		return campaign_save(task->store, &task->campaign, err);
	if (task->kind == HEAD_DROP)
		return campaign_drop_unsaved(
		    task->store, task->campaign.id, err);
	return load(task, err);
}

static void
task_free(void *data)
{
	struct head_task *task = data;

	campaign_done(&task->campaign);
	free(task->lists);
	free(task->themes.entry);
	arena_free(&task->arena);
	buf_done(&task->summary.fields);
	free(task);
}

const struct job_ops head_job = {.run = task_run, .free = task_free};
