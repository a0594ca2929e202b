/* One recipient's mail, made away from the screen thread by the function that
 * delivery calls, and with it the mail of the recipient before: what differs
 * between the two is how a merge that has slipped by a row is seen. */
#include <stdlib.h>

#include "core/base/jis.h"
#include "core/mail/address.h"
#include "core/mail/parse.h"
#include "tui/screens/preview.h"

enum { PERSONAL_MIN = 3 }; /* octets of a value that may give somebody away */

struct mail *
mail_new(struct store *store, struct campaign_id campaign)
{
	struct mail *mail = mem_new(sizeof *mail);

	mail->store = store;
	mail->campaign = campaign;
	mail->arena = arena_new();
	return mail;
}

void
mail_free(void *data)
{
	struct mail *mail = data;

	if (!mail)
		return;
	buf_done(&mail->words);
	arena_free(&mail->arena);
	free(mail);
}

/* ---- Copies ---------------------------------------------------------------- */

static void
keep_member(struct mail *mail, struct mail_copy *copy,
    const struct audience_member *member)
{
	copy->key = member->key;
	copy->position = member->position;
	copy->address = arena_copy(mail->arena, member->address);
	copy->name = arena_copy(mail->arena, member->name);
}

static void
keep_message(
    struct mail *mail, struct mail_copy *copy, const struct message *message)
{
	struct arena *arena = mail->arena;

	copy->subject = arena_copy(arena, message->subject);
	copy->text = arena_copy(arena, message->text);
	copy->html = arena_copy(arena, message->html);
	copy->bytes = arena_copy(arena, message->bytes);
	copy->header = span_slice(copy->bytes, 0, message->header.len);
}

static void
keep_values(struct mail *mail, const struct template *template,
    const struct assembler *assembler)
{
	size_t count;
	const struct template_field *field = template_fields(template, &count);

	for (size_t i = 0; i < count && mail->values < MAIL_VALUES_MAX; i++) {
		struct span value = assemble_value(assembler, i);

		mail->value[mail->values++] = (struct mail_value){
		    .name = arena_copy(mail->arena, field[i].name),
		    .value = arena_copy(mail->arena, value),
		    .is_missing = value.len == 0,
		    .has_fallback = field[i].has_fallback,
		    .is_section = field[i].is_section && !field[i].is_value};
	}
}

/* ---- What the message is made of ---------------------------------------------- */

static struct span
file_name(struct mail *mail, const struct parse_part *part)
{
	static const struct {
		const char *field, *parameter;
	} places[] = {
	    {"Content-Disposition", "filename"}, {"Content-Type", "name"}};
	struct buf name = BUF_INIT;
	struct span kept = SPAN("");

	for (size_t i = 0; i < 2 && kept.len == 0; i++) {
		const struct parse_field *field =
		    parse_find(&part->header, places[i].field);

		if (field &&
		    parse_parameter(field->value, places[i].parameter, &name))
			kept = arena_copy(mail->arena, buf_span(&name));
	}
	buf_done(&name);
	return kept;
}

static void
keep_parts(struct mail *mail)
{
	struct parse_message message;
	struct arena *arena = arena_new();
	struct buf body = BUF_INIT;

	if (parse_message(mail->copy.bytes, arena, &message, NULL) < 0)
		message.part_count = 0;
	for (size_t i = 0;
	    i < message.part_count && mail->parts < MAIL_PARTS_MAX; i++) {
		const struct parse_part *part = &message.part[i];
		bool multipart = span_equal_nocase(
		    span_slice(part->type, 0, 10), SPAN("multipart/"));

		buf_clear(&body);
		if (!multipart)
			parse_body(part, &body, NULL);
		mail->part[mail->parts++] = (struct mail_part){
		    .type = arena_copy(mail->arena, part->type),
		    .file = file_name(mail, part),
		    .octets = multipart ? part->body.len : body.len,
		    .depth = part->depth,
		    .is_multipart = multipart};
	}
	buf_wipe(&body);
	arena_free(&arena);
}

static bool
contains(struct span text, struct span part)
{
	return part.len >= PERSONAL_MIN && span_search(text, part) < text.len;
}

/* Whether a URL holds the recipient's data: their values, or anything that the
 * same link of the other mail has not. */
static bool
is_personal(const struct mail *mail, struct span url, struct span same)
{
	struct buf plain = BUF_INIT;
	bool personal = same.len > 0 && !span_equal(url, same);

	parse_percent(url, &plain);
	personal = personal || contains(buf_span(&plain), mail->copy.address);
	for (size_t i = 0; i < mail->values && !personal; i++)
		personal = contains(buf_span(&plain), mail->value[i].value);
	buf_done(&plain);
	return personal;
}

static void
keep_links(struct mail *mail)
{
	struct buf mine = BUF_INIT, theirs = BUF_INIT;
	struct span rest, other;

	part_urls(mail->copy.html, &mine);
	part_urls(mail->other.html, &theirs);
	rest = buf_span(&mine);
	other = buf_span(&theirs);
	while (rest.len > 0 && mail->links < MAIL_LINKS_MAX) {
		struct mail_link *link = &mail->link[mail->links++];

		link->url = arena_copy(mail->arena, span_cut(&rest, '\n'));
		link->is_personal =
		    is_personal(mail, link->url, span_cut(&other, '\n'));
		mail->personal_links += link->is_personal;
	}
	buf_done(&mine);
	buf_done(&theirs);
}

/* The other one's name or address in this mail is what a slipped merge, or a
 * program that mixes mails up, leaves behind. */
static void
find_leak(struct mail *mail)
{
	const struct span theirs[] = {mail->other.name, mail->other.address};
	const struct span mine[] = {mail->copy.name, mail->copy.address};

	for (size_t i = 0; i < 2 && mail->other.position; i++) {
		if (contains(mine[i], theirs[i]) ||
		    (!contains(mail->copy.text, theirs[i]) &&
			!contains(mail->copy.subject, theirs[i])))
			continue;
		mail->leak = theirs[i];
		return;
	}
}

/* The first character of the message that is not in ISO-2022-JP.  The HTML part
 * is not asked: what it lacks it writes as a reference. */
static void
find_lacking(struct mail *mail)
{
	const struct span all[] = {mail->from_line, mail->copy.name,
	    mail->copy.subject, mail->copy.text};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct span rest = all[i], from = rest;

		while (rest.len > 0 && jis_take(&rest) != 0)
			from = rest;
		if (from.len == 0)
			continue;
		mail->lacks = span_slice(from, 0, from.len - rest.len);
		return;
	}
}

/* ---- The job -------------------------------------------------------------------- */

struct making {
	struct mail *mail;
	struct db *db;
	struct campaign campaign;
	struct template *template;
	struct assembler *assembler;
	struct arena *arena;
};

static int
find_member(struct making *making, struct audience_member *member,
    const atomic_bool *stop, struct err *err)
{
	struct mail *mail = making->mail;

	if (!making->campaign.list)
		return 0;
	if (mail->how == MAIL_SEARCH)
		return audience_search(making->db, &making->campaign,
		    buf_span(&mail->words), mail->from, stop, making->arena,
		    member, err);
	return audience_step(making->db, &making->campaign, mail->step,
	    mail->from, making->arena, member, err);
}

/* Signed when there is a key; a draft can be looked at before. */
static int
prepare(struct making *making, struct err *err)
{
	struct store *store = making->mail->store;

	if (template_compile(store, making->db, &making->campaign,
		&making->template, err) < 0)
		return -1;
	if (assembler_new(store, making->db, making->template, ASSEMBLE_SIGNED,
		&making->assembler, err) == 0)
		return 0;
	if (err->code != E_DKIM_MISSING)
		return -1;
	return assembler_new(store, making->db, making->template,
	    ASSEMBLE_UNSIGNED, &making->assembler, err);
}

static int
assemble(struct making *making, const struct audience_member *member,
    struct mail_copy *copy, struct message *message)
{
	struct recipient recipient = {
	    member->seq, member->address, member->name, member->fields};

	keep_member(making->mail, copy, member);
	if (assemble_message(making->assembler, &recipient, making->mail->at_ms,
		message, &copy->fault) < 0)
		return -1;
	copy->fault.code = E_NONE;
	keep_message(making->mail, copy, message);
	return 0;
}

/* The mail to compare with: of the recipient before, of the first the one
 * behind. */
static void
make_other(struct making *making, const struct audience_member *member)
{
	struct mail *mail = making->mail;
	struct audience_member other;
	struct message message;
	int got;

	got = audience_step(making->db, &making->campaign, AUDIENCE_PREVIOUS,
	    member->key, making->arena, &other, NULL);
	if (got == 0)
		got = audience_step(making->db, &making->campaign,
		    AUDIENCE_NEXT, member->key, making->arena, &other, NULL);
	if (got == 1)
		assemble(making, &other, &mail->other, &message);
}

/* Among the members of a list are those who will be left out. */
static bool
is_stopped(struct making *making, const struct audience_member *member)
{
	struct address address;

	return address_parse(member->address, making->arena, &address, NULL) ==
		   0 &&
	       suppress_check(making->mail->store, making->db, address.canon,
		   (struct list_id){making->campaign.list}, NULL) == 1;
}

static void
make(struct making *making, const struct audience_member *member)
{
	struct mail *mail = making->mail;
	struct message message;

	mail->is_stopped = !member->is_frozen && is_stopped(making, member);
	mail->found = true;
	mail->is_frozen = member->is_frozen;
	mail->total = member->total;
	mail->hides_total = campaign_hides_count(&making->campaign);
	mail->wanted_charset = making->campaign.charset;
	/* What cannot be compiled, or merged for this one, must not hide the
	 * next. */
	keep_member(mail, &mail->copy, member);
	if (prepare(making, &mail->copy.fault) < 0)
		return;
	make_other(making, member);
	if (assemble(making, member, &mail->copy, &message) == 0) {
		mail->fallbacks = message.fallbacks;
		mail->charset = message.charset;
		mail->is_signed = making->campaign.smime != 0;
		mail->is_encrypted = message.is_encrypted;
	}
	keep_values(mail, making->template, making->assembler);
	if (mail->copy.fault.code == E_NONE) {
		keep_parts(mail);
		keep_links(mail);
		find_leak(mail);
		if (mail->charset != mail->wanted_charset)
			find_lacking(mail);
	}
}

static int
mail_run(struct job *job, void *data, struct err *err)
{
	struct making making = {.mail = data, .campaign = CAMPAIGN_INIT};
	struct mail *mail = data;
	struct audience_member member;
	struct buf from = BUF_INIT;
	int rc = -1, got;

	making.arena = arena_new();
	if (person_reader_open(mail->store, MAY_MAIL_VIEW, &making.db, err) <
		0 ||
	    campaign_read(making.db, mail->campaign, &making.campaign, err) < 0)
		goto out;
	look_plant(mail->plant, &making.campaign);
	mail->campaign_name =
	    arena_copy(mail->arena, buf_span(&making.campaign.name));
	buf_printf(&from, "%.*s <%.*s>",
	    SPAN_ARG(buf_span(&making.campaign.from_name)),
	    SPAN_ARG(buf_span(&making.campaign.from_address)));
	mail->from_line = arena_copy(mail->arena, buf_span(&from));
	mail->is_stale =
	    mail->stamp.campaign.v &&
	    samples_fit(&mail->stamp, mail->store, making.db, NULL) != 1;
	got = find_member(&making, &member, job_cancel_flag(job), err);
	if (got < 0)
		goto out;
	if (got)
		make(&making, &member);
	rc = 0;
out:
	buf_done(&from);
	assembler_free(&making.assembler);
	template_free(&making.template);
	campaign_done(&making.campaign);
	store_reader_close(&making.db);
	arena_free(&making.arena);
	return rc;
}

const struct job_ops mail_job = {.run = mail_run, .free = mail_free};
