/* Decides how a person or organisation is addressed.  A name gets exactly one
 * honorific: two, or 御中 for a person, are the mistakes that readers of
 * Japanese mail notice first. */
#include "core/base/utf8.h"
#include "core/compose/merge_format.h"
#include "core/compose/merge_tag.h"

const char *const merge_name_field[NAME_PARTS][2] = {
    [NAME_COMPANY] = {"会社名", "company"},
    [NAME_SECTION] = {"部署", "department"},
    [NAME_POST] = {"役職", "position"},
    [NAME_FAMILY] = {"姓", "family_name"},
    [NAME_GIVEN] = {"名", "given_name"},
    [NAME_TITLE] = {"敬称", "honorific"},
};

static const char *const for_persons[] = {"様", "さま", "先生", "殿"};
static const char *const for_groups[] = {"御中", "各位"};

/* The title that ends name, as its length; 0 without one. */
static size_t
title_len(struct span name, const char *const *title, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (span_ends(name, span_of(title[i])))
			return strlen(title[i]);
	}
	return 0;
}

static size_t
person_title(struct span name)
{
	return title_len(
	    name, for_persons, sizeof for_persons / sizeof *for_persons);
}

static size_t
group_title(struct span name)
{
	return title_len(
	    name, for_groups, sizeof for_groups / sizeof *for_groups);
}

static bool
has_title(struct span name)
{
	return person_title(name) > 0 || group_title(name) > 0;
}

void
merge_name_sama(struct span name, struct buf *out)
{
	name = merge_trim(name);
	buf_add(out, name);
	if (name.len > 0 && !has_title(name))
		buf_text(out, " 様");
}

/* Adds a word behind a space, unless it is blank or the first. */
static void
add_word(struct span word, struct buf *out)
{
	word = merge_trim(word);
	if (word.len == 0)
		return;
	if (out->len > 0)
		buf_char(out, ' ');
	buf_add(out, word);
}

/* A name of an organisation that a person follows: it has no 御中. */
static struct span
without_group_title(struct span name)
{
	name = merge_trim(name);
	return merge_trim(span_slice(name, 0, name.len - group_title(name)));
}

static bool
is_japanese(struct span text)
{
	uint32_t cp;

	while (utf8_next(&text, &cp) != UTF8_END) {
		if ((cp >= 0x3040 && cp <= 0x30ff) ||
		    (cp >= 0x3400 && cp <= 0x9fff) ||
		    (cp >= 0xf900 && cp <= 0xfaff) || cp >= 0x20000)
			return true;
	}
	return false;
}

/* The words of an addressee; all trimmed. */
struct addressee {
	struct span company, section, post;
	struct span person; /* all of the name, or the family name */
	struct span given;  /* behind it, or empty */
	struct span title;
};

static void
add_person(const struct addressee *it, struct buf *out)
{
	struct span title = it->title;

	add_word(without_group_title(it->company), out);
	add_word(without_group_title(it->section), out);
	add_word(it->post, out);
	add_word(it->person, out);
	add_word(it->given, out);
	if (has_title(it->given.len > 0 ? it->given : it->person))
		return;
	if (title.len == 0 || group_title(title) > 0)
		title = SPAN("様");
	add_word(title, out);
}

static void
add_group(const struct addressee *it, struct buf *out)
{
	add_word(it->section.len > 0 ? without_group_title(it->company)
				     : it->company,
	    out);
	add_word(it->section, out);
	if (out->len > 0 && !has_title(buf_span(out)))
		add_word(
		    group_title(it->title) > 0 ? it->title : SPAN("御中"), out);
}

/* Mr Smith; an organisation by its name. */
static void
add_english(const struct addressee *it, struct span whole, struct buf *out)
{
	if (it->person.len == 0) {
		add_word(it->company, out);
		return;
	}
	if (!is_japanese(it->title))
		add_word(it->title, out);
	if (whole.len > 0) {
		add_word(whole, out);
		return;
	}
	add_word(it->given, out);
	add_word(it->person, out);
}

void
merge_name_addressee(const struct span part[NAME_PARTS], struct span whole,
    enum merge_language language, struct buf *out)
{
	struct addressee it = {
	    .company = merge_trim(part[NAME_COMPANY]),
	    .section = merge_trim(part[NAME_SECTION]),
	    .post = merge_trim(part[NAME_POST]),
	    .person = merge_trim(part[NAME_FAMILY]),
	    .given = merge_trim(part[NAME_GIVEN]),
	    .title = merge_trim(part[NAME_TITLE]),
	};

	whole = merge_trim(whole);
	if (it.person.len == 0) {
		it.person = whole.len > 0 ? whole : it.given;
		it.given = SPAN("");
	} else {
		whole = SPAN("");
	}
	if (language == MERGE_LANGUAGE_EN && !is_japanese(it.person) &&
	    !is_japanese(it.company)) {
		add_english(&it, whole, out);
	} else if (it.person.len > 0) {
		if (it.company.len > 0)
			it.given = SPAN("");
		add_person(&it, out);
	} else {
		add_group(&it, out);
	}
}
