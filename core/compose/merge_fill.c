/* Checks a recipient's way through the marks, and fills texts.  All that can
 * fail is checked before anything is filled, so that filling cannot fail
 * half-way; and what lists repeat is counted, because a list in a list in a
 * list of foreign data could make a message without end. */
#include <stdlib.h>

#include "core/compose/merge_data.h"
#include "core/compose/merge_piece.h"

/* ---- Checking ---------------------------------------------------------- */

struct check {
	struct merge_data *data;
	unsigned char *took; /* NULL: nobody asks */
	int fallbacks;
	size_t octets;
	struct err *err;
};

static int check_marks(struct check *check, unsigned from, unsigned to);

/* Counts what stands behind a mark; a round of a section that writes nothing
 * counts too, as it takes time. */
static int
count_octets(struct check *check, const struct merge_mark *mark)
{
	check->octets += mark->octets + 1;
	if (check->octets <= MERGE_FILLED_MAX)
		return 0;
	err_set(check->err, E_MERGE_VALUE);
	err_fact(check->err, "field", mark->name);
	return err_fact(check->err, "why", SPAN("size"));
}

static void
note_way(struct check *check, unsigned mark, int way)
{
	if (check->took)
		check->took[mark] |= (unsigned char)way;
}

static int
check_value(struct check *check, unsigned number)
{
	const struct merge_mark *mark = &check->data->set->mark[number];
	const struct merge_value *value =
	    merge_evaluate(check->data, mark, check->err);

	if (!value)
		return -1;
	if (!value->blank) {
		note_way(check, number, WAY_MAIN);
		check->octets += value->text.len;
		return 0;
	}
	if (!mark->has_fallback) {
		err_set(check->err, E_MERGE_EMPTY);
		return err_fact(check->err, "field", mark->name);
	}
	note_way(check, number, WAY_OTHER);
	check->fallbacks++;
	return 0;
}

/* The marks of a section for each value it runs over. */
static int
check_section(struct check *check, unsigned number)
{
	struct merge_data *data = check->data;
	const struct merge_mark *mark = &data->set->mark[number];
	struct merge_run run = merge_run(data, mark->field);
	bool some = run.node < run.end;
	int rc = 0;

	if (mark->kind == MERGE_INVERTED)
		some = !some;
	note_way(check, number, some ? WAY_MAIN : WAY_OTHER);
	if (!some)
		return 0;
	if (mark->kind == MERGE_INVERTED)
		return check_marks(check, number + 1, mark->partner);
	for (unsigned at = run.node; at < run.end && rc == 0;
	    at = merge_run_next(data, &run, at)) {
		merge_enter(data, at);
		rc = count_octets(check, mark);
		if (rc == 0)
			rc = check_marks(check, number + 1, mark->partner);
		merge_leave(data);
	}
	return rc;
}

static int
check_marks(struct check *check, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++) {
		const struct merge_mark *mark = &check->data->set->mark[i];
		int rc;

		if (count_octets(check, mark) < 0)
			return -1;
		if (mark->kind == MERGE_VALUE) {
			rc = check_value(check, i);
		} else {
			rc = check_section(check, i);
			i = mark->partner;
		}
		if (rc < 0)
			return -1;
	}
	return 0;
}

int
merge_check(struct merge_data *data, unsigned char *took, int *fallbacks,
    struct err *err)
{
	struct check check = {.data = data, .took = took, .err = err};

	if (took && data->set->mark_count > 0)
		memset(took, 0, data->set->mark_count);
	if (check_marks(&check, 0, (unsigned)data->set->mark_count) < 0)
		return -1;
	*fallbacks = check.fallbacks;
	return 0;
}

/* ---- Filling ----------------------------------------------------------- */

struct fill {
	const struct merge_text *text;
	struct merge_data *data;
	struct span token;
	struct span literal;
	size_t done; /* octets of the literal that are out */
	struct buf *out;
};

static void
add_value(struct fill *fill, const struct merge_piece *piece)
{
	enum merge_context context = (enum merge_context)piece->context;
	struct merge_data *data = fill->data;
	const struct merge_mark *mark;
	const struct merge_value *value;
	struct merge_slot *slot;

	if (piece->mark == MERGE_TOKEN) {
		buf_add(fill->out, fill->token);
		return;
	}
	mark = &data->set->mark[piece->mark];
	value = merge_evaluate(data, mark, NULL);
	if (!value || value->blank) {
		merge_escape(context, mark->fallback, fill->out);
		return;
	}
	if (value == &data->item) {
		merge_escape(context, value->text, fill->out);
		return;
	}
	slot = &data->slot[mark->use * MERGE_CONTEXTS + context];
	if (slot->turn != data->turn) {
		buf_clear(&slot->escaped);
		merge_escape(context, value->text, &slot->escaped);
		slot->turn = data->turn;
	}
	buf_add(fill->out, buf_span(&slot->escaped));
}

static void
add_literal(struct fill *fill, size_t to)
{
	buf_add(fill->out, span_slice(fill->literal, fill->done, to));
	fill->done = to;
}

static void fill_pieces(struct fill *fill, size_t from, size_t to);

static void
fill_section(struct fill *fill, size_t number)
{
	const struct merge_piece *piece = &fill->text->piece[number];
	size_t end = fill->text->piece[piece->partner].at;
	struct merge_data *data = fill->data;
	struct merge_run run =
	    merge_run(data, data->set->mark[piece->mark].field);

	if (piece->kind == MERGE_INVERTED) {
		if (run.node == run.end) {
			fill_pieces(fill, number + 1, piece->partner);
			add_literal(fill, end);
		}
		fill->done = end;
		return;
	}
	for (unsigned at = run.node; at < run.end;
	    at = merge_run_next(data, &run, at)) {
		merge_enter(data, at);
		fill->done = piece->at;
		fill_pieces(fill, number + 1, piece->partner);
		add_literal(fill, end);
		merge_leave(data);
	}
	fill->done = end;
}

/* An element whose tags go again when nothing came between them. */
static void
fill_shell(struct fill *fill, size_t number)
{
	const struct merge_piece *piece = &fill->text->piece[number];
	const struct merge_piece *end = &fill->text->piece[piece->partner];
	size_t before = fill->out->len;

	fill_pieces(fill, number + 1, piece->partner);
	add_literal(fill, end->at);
	if (fill->out->len > before)
		return;
	fill->out->len -= piece->shell;
	fill->done += end->shell;
}

static void
fill_pieces(struct fill *fill, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		const struct merge_piece *piece = &fill->text->piece[i];

		add_literal(fill, piece->at);
		if (piece->kind == MERGE_VALUE) {
			add_value(fill, piece);
		} else if (piece->kind != MERGE_CLOSE) {
			if (piece->mark == MERGE_SHELL)
				fill_shell(fill, i);
			else
				fill_section(fill, i);
			i = piece->partner;
		}
	}
}

void
merge_fill(const struct merge_text *text, struct merge_data *data,
    struct span token, struct buf *out)
{
	struct fill fill = {.text = text,
	    .data = data,
	    .token = token,
	    .literal = buf_span(&text->literal),
	    .out = out};

	buf_reserve(out, text->literal.len + 64 * text->count);
	fill_pieces(&fill, 0, text->count);
	add_literal(&fill, text->literal.len);
}
