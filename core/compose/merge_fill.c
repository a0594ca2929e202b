/* Fills texts.  A value is checked before anything is filled, so that filling
 * cannot fail half-way. */
#include <stdlib.h>

#include "core/base/utf8.h"
#include "core/compose/merge_piece.h"

struct merge_slot {
	struct buf escaped;
	bool has; /* escaped for the present recipient */
};

struct merge_cache {
	size_t fields;
	struct merge_slot *slot; /* by field, then context */
	bool *blank;             /* by field */
};

struct merge_cache *
merge_cache_new(const struct merge_set *set)
{
	struct merge_cache *cache = mem_new(sizeof *cache);

	cache->fields = set->field_count;
	cache->slot =
	    mem_array(cache->fields * MERGE_CONTEXTS, sizeof *cache->slot);
	cache->blank = mem_array(cache->fields, sizeof *cache->blank);
	return cache;
}

void
merge_cache_free(struct merge_cache **cache)
{
	struct merge_cache *it = *cache;

	if (!it)
		return;
	for (size_t i = 0; i < it->fields * MERGE_CONTEXTS; i++)
		buf_done(&it->slot[i].escaped);
	free(it->slot);
	free(it->blank);
	free(it);
	*cache = NULL;
}

/* True for UTF-8 without controls; LF is allowed where one_line is false. */
static bool
is_clean(struct span value, bool one_line)
{
	uint32_t cp;
	enum utf8_got got;

	while ((got = utf8_next(&value, &cp)) != UTF8_END) {
		if (got == UTF8_BAD)
			return false;
		if (cp == '\n' && !one_line)
			continue;
		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 ||
		    cp == 0x2029)
			return false;
	}
	return true;
}

static bool
is_blank_field(const struct merge_values *values, unsigned field)
{
	return values->cache ? values->cache->blank[field]
			     : merge_is_blank(values->value[field]);
}

int
merge_check(const struct merge_set *set, const struct merge_values *values,
    int *fallbacks, struct err *err)
{
	struct merge_cache *cache = values->cache;

	*fallbacks = 0;
	for (size_t i = 0; cache && i < set->field_count; i++) {
		cache->blank[i] = merge_is_blank(values->value[i]);
		for (size_t k = 0; k < MERGE_CONTEXTS; k++)
			cache->slot[i * MERGE_CONTEXTS + k].has = false;
	}
	for (size_t i = 0; i < set->field_count; i++) {
		const struct merge_field *field = &set->field[i];
		if (is_clean(values->value[i], field->one_line))
			continue;
		err_set(err, E_MERGE_BYTES);
		err_fact(err, "field", field->name);
		return err_fact(err, "part",
		    field->in_header ? SPAN("subject") : SPAN("text"));
	}
	for (size_t i = 0; i < set->mark_count; i++) {
		const struct merge_mark *mark = &set->mark[i];
		bool blank = is_blank_field(values, mark->field);

		if (mark->kind == (blank ? MERGE_SECTION : MERGE_INVERTED))
			i = mark->partner;
		if (mark->kind != MERGE_VALUE || !blank)
			continue;
		if (!mark->has_fallback) {
			err_set(err, E_MERGE_EMPTY);
			return err_fact(
			    err, "field", set->field[mark->field].name);
		}
		++*fallbacks;
	}
	return 0;
}

/* Appends what stands for a mark in its context. */
static void
add_value(const struct merge_values *values, const struct merge_mark *mark,
    enum merge_context context, struct buf *out)
{
	struct merge_slot *slot;

	if (is_blank_field(values, mark->field)) {
		merge_escape(context, mark->fallback, out);
		return;
	}
	if (!values->cache) {
		merge_escape(context, values->value[mark->field], out);
		return;
	}
	slot = &values->cache->slot[mark->field * MERGE_CONTEXTS + context];
	if (!slot->has) {
		buf_clear(&slot->escaped);
		merge_escape(
		    context, values->value[mark->field], &slot->escaped);
		slot->has = true;
	}
	buf_add(out, buf_span(&slot->escaped));
}

void
merge_fill(const struct merge_text *text, const struct merge_set *set,
    const struct merge_values *values, struct buf *out)
{
	const struct span literal = buf_span(&text->literal);
	size_t from = 0;

	buf_reserve(out, literal.len + 64 * text->count);
	for (size_t i = 0; i < text->count; i++) {
		const struct merge_piece *piece = &text->piece[i];
		const struct merge_mark *mark;

		buf_add(out, span_slice(literal, from, piece->at));
		from = piece->at;
		if (piece->mark == MERGE_TOKEN) {
			buf_add(out, values->token);
			continue;
		}
		mark = &set->mark[piece->mark];
		if (mark->kind == MERGE_VALUE)
			add_value(values, mark,
			    (enum merge_context)piece->context, out);
		else if (mark->kind == (is_blank_field(values, mark->field)
					       ? MERGE_SECTION
					       : MERGE_INVERTED)) {
			i = piece->partner;
			from = text->piece[i].at;
		}
	}
	buf_add(out, span_slice(literal, from, literal.len));
}
