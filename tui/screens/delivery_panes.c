/* Groups, relays, events, replies: one list at a time.  Groups come first,
 * because what moves there are numbers; replies as they come rewrite the whole
 * pane, which a slow line feels, so they are shown when asked for. */
#include <stddef.h>

#include "tui/screens/delivery.h"
#include "tui/text/format.h"
#include "tui/text/i18n.h"
#include "tui/text/run_text.h"
#include "tui/text/state_text.h"

static const char *const names[PANE_KINDS] = {
    [PANE_GROUPS] = N_("Groups"),
    [PANE_RELAYS] = N_("Relays"),
    [PANE_EVENTS] = N_("Events"),
    [PANE_REPLIES] = N_("Replies"),
};

static const struct list_column group_columns[] = {
    {N_("Group"), 0, 12, 0, FIT_END},
    {N_("State"), 12, 0, 0, FIT_END},
    {N_("Left"), 9, 0, 0, FIT_RIGHT},
    {N_("Accepted"), 9, 0, 0, FIT_RIGHT},
    {N_("Later"), 6, 0, 0, FIT_RIGHT},
    {N_("Failed"), 6, 0, 0, FIT_RIGHT},
    {N_("Per s"), 5, 0, 0, FIT_RIGHT},
    {N_("Conn"), 5, 0, 1, FIT_RIGHT},
    {N_("TLS"), 6, 0, 2, FIT_RIGHT},
    {N_("Reply"), 7, 0, 3, FIT_RIGHT},
    {N_("95 of 100"), 9, 0, 4, FIT_RIGHT},
};

static const struct list_column relay_columns[] = {
    {N_("Relay"), 0, 12, 0, FIT_END},
    {N_("State"), 12, 0, 0, FIT_END},
    {N_("Share"), 6, 0, 1, FIT_RIGHT},
    {N_("Accepted"), 9, 0, 0, FIT_RIGHT},
    {N_("Later"), 6, 0, 0, FIT_RIGHT},
    {N_("Failed"), 6, 0, 0, FIT_RIGHT},
    {N_("Per s"), 5, 0, 0, FIT_RIGHT},
    {N_("Conn"), 6, 0, 0, FIT_RIGHT},
    {N_("TLS"), 6, 0, 2, FIT_RIGHT},
    {N_("Reply"), 7, 0, 3, FIT_RIGHT},
    {N_("95 of 100"), 9, 0, 4, FIT_RIGHT},
};

static const struct list_column event_columns[] = {
    {"", 8, 0, 0, FIT_END},
    {N_("What happened"), 0, 20, 0, FIT_END},
};

static const struct list_column reply_columns[] = {
    {"", 8, 0, 0, FIT_END},
    {"", 12, 0, 0, FIT_END},
    {N_("Replies as they come"), 0, 20, 0, FIT_END},
};

static struct panes *
of_source(struct list_source *source)
{
	return (
	    struct panes *)((char *)source - offsetof(struct panes, source));
}

static const struct run_part *
parts(const struct panes *panes)
{
	return panes->kind == PANE_RELAYS ? panes->now->relay
					  : panes->now->group;
}

static int64_t
source_count(struct list_source *source)
{
	const struct panes *panes = of_source(source);

	switch (panes->kind) {
	case PANE_GROUPS:
		return panes->now->groups;
	case PANE_RELAYS:
		return panes->now->relays;
	case PANE_EVENTS:
		return panes->now->events;
	case PANE_REPLIES:
		return panes->now->replies;
	case PANE_KINDS:
		break;
	}
	return 0;
}

/* ---- Rows ---------------------------------------------------------------------- */

static void
add_open(const struct run_part *part, struct buf *out)
{
	buf_int(out, part->sessions_open);
	if (part->sessions_cap)
		buf_printf(out, "/%d", part->sessions_cap);
}

/* The columns that groups and relays have in common. */
static void
fill_part(struct panes *panes, const struct run_part *part, struct buf *cell)
{
	int64_t ended = part->accepted + part->deferred + part->failed;

	part_state_text(part, panes->now->now_ms, &cell[1]);
	if (panes->kind == PANE_GROUPS)
		format_count(&cell[2], part->waiting);
	else if (part->day_left >= 0)
		format_count(&cell[2], part->day_left);
	else
		buf_int(&cell[2], part->share);
	format_count(&cell[3], part->accepted);
	format_count(&cell[4], part->deferred);
	format_count(&cell[5], part->failed);
	buf_printf(&cell[6], "%.0f", part->rate_now);
	add_open(part, &cell[7]);
	format_percent(&cell[8], part->over_tls, ended + part->in_doubt);
	reply_time_text(part->p50_ms, &cell[9]);
	reply_time_text(part->p95_ms, &cell[10]);
}

static void
part_row(struct panes *panes, int64_t index, struct list_row *out)
{
	const struct run_part *part = &parts(panes)[index];

	out->key = part->id;
	fill_part(panes, part, panes->cell);
	out->cell[0] = span_of(part->name);
	for (size_t i = 1; i < 11; i++)
		out->cell[i] = buf_span(&panes->cell[i]);
	out->cell_role[1] = part_role(part->state);
	if (part->failed)
		out->cell_role[5] = ROLE_ERR;
}

static void
event_row(struct panes *panes, int64_t index, struct list_row *out)
{
	const struct run_event *event = &panes->now->event[index];

	out->key = index;
	format_clock(&panes->cell[0], event->at_ms);
	event_text(event, &panes->cell[1]);
	out->cell[0] = buf_span(&panes->cell[0]);
	out->cell[1] = buf_span(&panes->cell[1]);
	out->cell_role[0] = ROLE_DIM;
	out->cell_role[1] = event_role(event->kind);
}

static void
reply_row(struct panes *panes, int64_t index, struct list_row *out)
{
	const struct run_reply *reply = &panes->now->reply[index];

	out->key = index;
	format_clock(&panes->cell[0], reply->at_ms);
	out->cell[0] = buf_span(&panes->cell[0]);
	out->cell[1] = span_of(state_text(reply->state));
	out->cell[2] = span_of(reply->text);
	out->cell_role[0] = ROLE_DIM;
	out->cell_role[1] = state_role(reply->state);
}

static bool
source_row(struct list_source *source, int64_t index, struct list_row *out)
{
	struct panes *panes = of_source(source);

	if (index < 0 || index >= source_count(source))
		return false;
	for (size_t i = 0; i < LIST_COLUMNS_MAX; i++)
		buf_clear(&panes->cell[i]);
	if (panes->kind == PANE_EVENTS)
		event_row(panes, index, out);
	else if (panes->kind == PANE_REPLIES)
		reply_row(panes, index, out);
	else
		part_row(panes, index, out);
	return true;
}

static int64_t
source_find(struct list_source *source, int64_t key)
{
	const struct panes *panes = of_source(source);

	if (panes->kind == PANE_EVENTS || panes->kind == PANE_REPLIES)
		return key < source_count(source) ? key : -1;
	for (int64_t i = 0; i < source_count(source); i++) {
		if (parts(panes)[i].id == key)
			return i;
	}
	return -1;
}

/* ---- The panes ----------------------------------------------------------------- */

void
panes_init(struct panes *panes, const struct run_progress *now)
{
#define COLUMNS(table) table, sizeof table / sizeof *table
	struct list_source *source = &panes->source;

	*panes = (struct panes){.now = now};
	*source = (struct list_source){source_count, source_row, source_find};
	panes->list[PANE_GROUPS] = list_new(source, COLUMNS(group_columns));
	panes->list[PANE_RELAYS] = list_new(source, COLUMNS(relay_columns));
	panes->list[PANE_EVENTS] = list_new(source, COLUMNS(event_columns));
	panes->list[PANE_REPLIES] = list_new(source, COLUMNS(reply_columns));
	list_set_empty(
	    panes->list[PANE_EVENTS], N_("Nothing out of the ordinary."));
	list_set_empty(panes->list[PANE_REPLIES], N_("No reply yet."));
#undef COLUMNS
}

void
panes_done(struct panes *panes)
{
	for (int i = 0; i < PANE_KINDS; i++)
		list_free(&panes->list[i]);
	for (size_t i = 0; i < LIST_COLUMNS_MAX; i++)
		buf_done(&panes->cell[i]);
}

void
panes_next(struct panes *panes)
{
	panes->kind = (enum pane_kind)((panes->kind + 1) % PANE_KINDS);
	panes_refresh(panes);
}

void
panes_refresh(struct panes *panes)
{
	list_refresh(panes->list[panes->kind]);
}

const struct run_part *
panes_part(const struct panes *panes)
{
	int64_t index = list_cursor_index(panes->list[panes->kind]);
	int count = panes->kind == PANE_RELAYS ? panes->now->relays
					       : panes->now->groups;

	if (panes->kind != PANE_GROUPS && panes->kind != PANE_RELAYS)
		return NULL;
	return index >= 0 && index < count ? &parts(panes)[index] : NULL;
}

void
panes_draw(struct panes *panes, struct area a)
{
	int col = 1;

	for (int i = 0; i < PANE_KINDS; i++) {
		enum role role =
		    i == (int)panes->kind ? ROLE_SELECT_BLUR : ROLE_DIM;

		col = draw_printf(a, 0, col, role, " %s ", _(names[i])) + 1;
	}
	list_draw(panes->list[panes->kind], area_rows(a, 1, -1), FOCUS_ON);
}
