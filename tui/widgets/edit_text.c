/* Text in one flat buffer: mails are small (at most 1 MiB), so moving the tail
 * at each key costs microseconds and nothing can be wrong about it.  History
 * is a list of replaced pieces; the oldest go when it grows too large. */
#include "tui/widgets/edit_text.h"

#include <stdlib.h>

#include "core/base/mem.h"

static size_t
weight(const struct edit_step *step)
{
	return step->removed.len + step->inserted.len + sizeof *step;
}

static void
free_step(struct edit_text *edit, struct edit_step *step)
{
	edit->octets -= weight(step);
	buf_wipe(&step->removed);
	buf_wipe(&step->inserted);
}

void
edit_forget(struct edit_text *edit)
{
	for (size_t i = 0; i < edit->step_count; i++)
		free_step(edit, &edit->steps[i]);
	free(edit->steps);
	edit->steps = NULL;
	edit->step_count = edit->step_at = edit->step_room = 0;
}

void
edit_done(struct edit_text *edit)
{
	edit_forget(edit);
	buf_wipe(&edit->text);
}

static void
splice(struct edit_text *edit, size_t from, size_t to, struct span s)
{
	struct buf *text = &edit->text;
	size_t tail = text->len - to;

	buf_reserve(text, s.len);
	memmove(text->ptr + from + s.len, text->ptr + to, tail);
	if (s.len > 0)
		memcpy(text->ptr + from, s.ptr, s.len);
	text->len = from + s.len + tail;
	text->ptr[text->len] = '\0';
}

static void
drop_redo(struct edit_text *edit)
{
	while (edit->step_count > edit->step_at)
		free_step(edit, &edit->steps[--edit->step_count]);
}

/* The oldest quarter at a time, so that a full history stays fast. */
static void
drop_oldest(struct edit_text *edit)
{
	size_t count = edit->step_count / 4 + 1;

	for (size_t i = 0; i < count; i++)
		free_step(edit, &edit->steps[i]);
	edit->step_count -= count;
	edit->step_at -= count;
	memmove(edit->steps, edit->steps + count,
	    edit->step_count * sizeof *edit->steps);
}

/* True when the edit goes on where the step has ended. */
static bool
goes_on(const struct edit_step *step, size_t from, size_t to, struct span s,
    enum edit_join join)
{
	size_t size = to - from + s.len;

	if (join == EDIT_ALONE || step->open != join ||
	    step->removed.len + step->inserted.len + size > EDIT_JOINED_MAX)
		return false;
	if (join == EDIT_TYPE)
		return from == to && from == step->at + step->inserted.len;
	if (s.len > 0)
		return false;
	return join == EDIT_BACK ? to == step->at : from == step->at;
}

static struct edit_step *
new_step(struct edit_text *edit, size_t at)
{
	struct edit_step *step;

	while (edit->step_count > 0 && edit->octets > UNDO_OCTETS_MAX)
		drop_oldest(edit);
	if (edit->step_count == edit->step_room) {
		edit->step_room = edit->step_room ? edit->step_room * 2 : 64;
		edit->steps = mem_grow(
		    edit->steps, edit->step_room * sizeof *edit->steps);
	}
	step = &edit->steps[edit->step_count++];
	edit->step_at = edit->step_count;
	*step = (struct edit_step){.at = at, .before = edit->revision};
	edit->octets += sizeof *step;
	return step;
}

static void
add_front(struct buf *buf, struct span s)
{
	buf_reserve(buf, s.len);
	memmove(buf->ptr + s.len, buf->ptr, buf->len);
	memcpy(buf->ptr, s.ptr, s.len);
	buf->len += s.len;
	buf->ptr[buf->len] = '\0';
}

void
edit_replace(struct edit_text *edit, size_t from, size_t to, struct span s,
    enum edit_join join)
{
	struct span removed = span_slice(buf_span(&edit->text), from, to);
	struct edit_step *step = NULL;

	if (from == to && s.len == 0)
		return;
	drop_redo(edit);
	if (edit->step_at > 0)
		step = &edit->steps[edit->step_at - 1];
	if (!step || !goes_on(step, from, to, s, join))
		step = new_step(edit, from);
	step->open = join;
	if (from < step->at) {
		step->at = from;
		add_front(&step->removed, removed);
	} else {
		buf_add(&step->removed, removed);
	}
	buf_add(&step->inserted, s);
	edit->octets += to - from + s.len;
	edit->revision = step->after = ++edit->numbers;
	splice(edit, from, to, s);
}

void
edit_break(struct edit_text *edit)
{
	if (edit->step_at > 0)
		edit->steps[edit->step_at - 1].open = EDIT_ALONE;
}

bool
edit_undo(struct edit_text *edit, size_t *at)
{
	struct edit_step *step;

	if (edit->step_at == 0)
		return false;
	step = &edit->steps[--edit->step_at];
	step->open = EDIT_ALONE;
	splice(edit, step->at, step->at + step->inserted.len,
	    buf_span(&step->removed));
	edit->revision = step->before;
	*at = step->at + step->removed.len;
	return true;
}

bool
edit_redo(struct edit_text *edit, size_t *at)
{
	struct edit_step *step;

	if (edit->step_at == edit->step_count)
		return false;
	step = &edit->steps[edit->step_at++];
	splice(edit, step->at, step->at + step->removed.len,
	    buf_span(&step->inserted));
	edit->revision = step->after;
	*at = step->at + step->inserted.len;
	return true;
}
