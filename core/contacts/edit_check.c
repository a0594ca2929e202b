/* What a contact may hold: the limits of an import, for somebody who types. */
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/contacts/edit_rows.h"

bool
contact_is_mark_sign(char c)
{
	return c > ' ' && c < 0x7f && c != '_' && c != '-' &&
	       !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
	       !(c >= 'a' && c <= 'z');
}

const char *
contact_field_fault(struct span name)
{
	if (text_is_blank(name))
		return "empty";
	if (text_check_line(name) != TEXT_FINE ||
	    text_trim(name).len != name.len)
		return "character";
	for (size_t i = 0; i < name.len; i++) {
		if (contact_is_mark_sign(name.ptr[i]))
			return "character";
	}
	if (span_equal(name, SPAN("name")) || span_equal(name, SPAN("address")))
		return "reserved";
	return NULL;
}

int
edit_bad(struct span field, const char *why, struct err *err)
{
	err_set(err, E_CONTACT_FIELD);
	err_fact(err, "field", field);
	return err_fact(err, "why", span_of(why));
}

static const char *
line_fault(struct span text, size_t max)
{
	if (text.len > max)
		return "length";
	if (text_check_line(text) == TEXT_CONTROL)
		return "control";
	return text_check_line(text) == TEXT_FINE ? NULL : "character";
}

static const char *
lines_fault(struct span text, size_t max)
{
	if (text.len > max)
		return "length";
	if (text_check_lines(text) == TEXT_CONTROL)
		return "control";
	return text_check_lines(text) == TEXT_FINE ? NULL : "character";
}

static int
check_fields(const struct contact_draft *draft, struct err *err)
{
	if (draft->fields > CONTACT_FIELDS_MAX)
		return edit_bad(SPAN("fields"), "count", err);
	for (size_t i = 0; i < draft->fields; i++) {
		const struct contact_value *field = &draft->field[i];
		const char *why = contact_field_fault(field->name);

		if (!why && field->name.len > CONTACT_FIELD_NAME_MAX)
			why = "length";
		if (!why)
			why = lines_fault(field->value, CONTACT_VALUE_MAX);
		for (size_t j = 0; j < i && !why; j++) {
			if (span_equal(draft->field[j].name, field->name))
				why = "twice";
		}
		if (why)
			return edit_bad(field->name, why, err);
	}
	return 0;
}

static int
check_tags(const struct contact_draft *draft, struct err *err)
{
	if (draft->tags > CONTACT_TAGS_MAX)
		return edit_bad(SPAN("tags"), "count", err);
	for (size_t i = 0; i < draft->tags; i++) {
		struct span tag = draft->tag[i];
		const char *why = line_fault(tag, 4 * CONTACT_TAG_MAX);

		if (text_is_blank(tag))
			why = "empty";
		else if (!why && utf8_count(tag) > CONTACT_TAG_MAX)
			why = "length";
		if (why)
			return edit_bad(SPAN("tags"), why, err);
	}
	return 0;
}

int
edit_check(const struct contact_draft *draft, struct err *err)
{
	const char *why = line_fault(draft->name, CONTACT_NAME_MAX);

	if (why)
		return edit_bad(SPAN("name"), why, err);
	return check_fields(draft, err) < 0 ? -1 : check_tags(draft, err);
}

int
edit_check_remark(struct span remark, struct err *err)
{
	const char *why = lines_fault(remark, CONTACT_REMARK_MAX);

	if (text_is_blank(remark))
		why = "empty";
	return why ? edit_bad(SPAN("remark"), why, err) : 0;
}

int
edit_check_ground(const struct contact_ground *ground, struct err *err)
{
	const char *why = lines_fault(ground->note, CONTACT_REMARK_MAX);

	if (!why && ground->basis == BASIS_CONSENT &&
	    text_is_blank(ground->note))
		why = "note";
	if (!why && (ground->basis < BASIS_NONE ||
			ground->basis >= BASIS_COUNT || ground->at_ms < 0))
		why = "range";
	return why ? edit_bad(SPAN("basis"), why, err) : 0;
}
