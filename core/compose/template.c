/* Compiles a campaign: what is the same for all recipients is made once here,
 * and what differs is left as marks.  The digest covers every input, so a
 * changed setting voids a review as a changed text does. */
#include "core/compose/template.h"

#include <stdlib.h>

#include "core/base/jis.h"
#include "core/base/utf8.h"
#include "core/compose/markdown.h"
#include "core/mail/address.h"
#include "core/mail/header.h"

/* Bumped when the same inputs begin to give other messages. */
#define TEMPLATE_FORMAT "sekisho template 3"

struct compile {
	struct store *store;
	struct db *db;
	const struct campaign *campaign;
	struct template *template;
	struct err *err;
};

/* ---- Sender ------------------------------------------------------------ */

static int
missing(struct compile *compile, const char *setting)
{
	err_set(compile->err, E_SENDER_MISSING);
	return err_fact(compile->err, "setting", span_of(setting));
}

static struct span
keep(struct compile *compile, struct buf *buf)
{
	struct span kept = arena_copy(compile->template->arena, buf_span(buf));

	buf_clear(buf);
	return kept;
}

/* A domain from a setting, or other when it is not set. */
static int
read_domain(struct compile *compile, const char *setting, struct span other,
    struct span *out)
{
	struct buf value = BUF_INIT;
	int rc = -1;

	if (setting_read(compile->db, setting, &value, compile->err) < 0)
		goto out;
	*out = other;
	if (value.len > 0 &&
	    address_domain(buf_span(&value), compile->template->arena, out,
		compile->err) < 0)
		goto out;
	rc = 0;
out:
	buf_done(&value);
	return rc;
}

/* A name that ISO-2022-JP cannot hold makes every message UTF-8. */
static int
compile_from(struct compile *compile, const struct header_mailbox *mailbox)
{
	struct template *template = compile->template;
	struct buf field = BUF_INIT;
	int rc = -1;

	template->charset = compile->campaign->charset;
	template->from_name = arena_copy(template->arena, mailbox->name);
	if (header_mailbox(&field, "From", mailbox, compile->err) < 0)
		goto out;
	template->from_field[ENCODE_UTF8] = keep(compile, &field);
	if (template->charset == CHARSET_ISO_2022_JP &&
	    jis_can(mailbox->name) &&
	    header_mailbox_in(
		&field, "From", mailbox, ENCODE_ISO_2022_JP, compile->err) < 0)
		goto out;
	template->from_field[ENCODE_ISO_2022_JP] = keep(compile, &field);
	rc = 0;
out:
	buf_done(&field);
	return rc;
}

static int
compile_sender(struct compile *compile)
{
	struct template *template = compile->template;
	const struct campaign *campaign = compile->campaign;
	struct header_mailbox mailbox = {
	    .name = buf_span(&campaign->from_name)};
	struct buf field = BUF_INIT;
	struct address address;
	int rc = -1;

	if (span_trim(buf_span(&campaign->from_address)).len == 0)
		return missing(compile, "sender.address");
	if (address_parse(buf_span(&campaign->from_address), template->arena,
		&address, compile->err) < 0)
		goto out;
	mailbox.address = template->from_address = address.wire;
	template->from_domain = address.domain;
	if (compile_from(compile, &mailbox) < 0)
		goto out;
	if (span_trim(buf_span(&campaign->reply_to)).len > 0) {
		if (address_parse(buf_span(&campaign->reply_to),
			template->arena, &address, compile->err) < 0)
			goto out;
		mailbox = (struct header_mailbox){.address = address.wire};
		if (header_mailbox(&field, "Reply-To", &mailbox, compile->err) <
		    0)
			goto out;
	}
	template->reply_field = keep(compile, &field);
	rc = 0;
out:
	buf_done(&field);
	return rc;
}

static int
compile_domains(struct compile *compile)
{
	struct template *template = compile->template;
	struct buf selector = BUF_INIT;
	struct secret *key = NULL;
	int rc = -1;

	if (read_domain(compile, "message.domain", template->from_domain,
		&template->message_domain) < 0 ||
	    read_domain(compile, "message.bounce_domain", SPAN(""),
		&template->bounce_domain) < 0 ||
	    setting_read(compile->db, "message.dsn", &selector, compile->err) <
		0)
		goto out;
	if (span_equal(buf_span(&selector), SPAN("failure")))
		template->report = MESSAGE_REPORT_FAILURE;
	buf_clear(&selector);
	if (dkim_active(compile->db, template->from_domain, &key, &selector,
		compile->err) < 0)
		goto out;
	template->selector = keep(compile, &selector);
	rc = 0;
out:
	secret_free(&key);
	buf_done(&selector);
	return rc;
}

enum { FEEDBACK_MIN = 5, FEEDBACK_MAX = 15 };

/* Who sends, as providers count it: 5 to 15 letters, digits and hyphens. */
static int
check_feedback_id(struct span id, struct err *err)
{
	const char *why =
	    id.len < FEEDBACK_MIN || id.len > FEEDBACK_MAX ? "length" : NULL;

	for (size_t i = 0; i < id.len && !why; i++) {
		char c = id.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '-'))
			why = "character";
	}
	if (!why)
		return 0;
	err_set(err, E_SETTING_VALUE);
	err_fact(err, "name", SPAN("message.feedback_id"));
	return err_fact(err, "why", span_of(why));
}

/* "a:b:c:sender" of what is the same for all: nobody is named in it. */
static int
compile_feedback_id(struct compile *compile, struct buf *field)
{
	static const char *const classes[] = {
	    [CLASS_AD] = "ad",
	    [CLASS_TX] = "tx",
	    [CLASS_NOTICE] = "notice",
	    [CLASS_TEST] = "test",
	};
	const struct template *template = compile->template;
	struct buf id = BUF_INIT;
	int rc = -1;

	if (setting_read(
		compile->db, "message.feedback_id", &id, compile->err) < 0)
		goto out;
	if (id.len == 0) {
		rc = 0;
		goto out;
	}
	if (check_feedback_id(buf_span(&id), compile->err) < 0)
		goto out;
	buf_printf(field,
	    "Feedback-ID: c%lld:l%lld:%s:", (long long)template->campaign,
	    (long long)template->list, classes[template->class]);
	buf_add(field, buf_span(&id));
	buf_text(field, "\r\n");
	rc = 0;
out:
	buf_done(&id);
	return rc;
}

/* True for a domain and those below it. */
static bool
is_within(struct span domain, struct span of)
{
	return span_equal(domain, of) ||
	       (span_ends(domain, of) &&
		   domain.ptr[domain.len - of.len - 1] == '.');
}

/* RFC 9477: receivers believe the field only when its domain is that of From
 * or below it, so for another one it is not written. */
static int
compile_cfbl(struct compile *compile, struct buf *field)
{
	struct template *template = compile->template;
	struct buf value = BUF_INIT;
	struct address address;
	int rc = -1;

	if (setting_read(
		compile->db, "message.cfbl_address", &value, compile->err) < 0)
		goto out;
	if (value.len > 0) {
		if (address_parse(buf_span(&value), template->arena, &address,
			compile->err) < 0)
			goto out;
		template->has_cfbl =
		    is_within(address.domain, template->from_domain);
	}
	if (template->has_cfbl) {
		buf_text(&value, "; report=arf");
		if (header_structured(field, "CFBL-Address", buf_span(&value),
			compile->err) < 0)
			goto out;
	}
	rc = 0;
out:
	buf_done(&value);
	return rc;
}

/* What tells receivers whose mail this is and where to complain. */
static int
compile_feedback(struct compile *compile)
{
	struct buf field = BUF_INIT;
	int rc = -1;

	if (compile_feedback_id(compile, &field) == 0 &&
	    compile_cfbl(compile, &field) == 0)
		rc = 0;
	compile->template->feedback_field = keep(compile, &field);
	buf_done(&field);
	return rc;
}

/* The fields that are the same in every copy. */
static void
compile_fixed_fields(struct compile *compile)
{
	struct template *template = compile->template;
	struct buf field = BUF_INIT;

	buf_text(&field, "MIME-Version: 1.0\r\n");
	if (template->list != 0 && template->class != CLASS_TX) {
		buf_text(&field, "List-Id: <list-");
		buf_int(&field, template->list);
		buf_char(&field, '.');
		buf_add(&field, template->message_domain);
		buf_text(&field, ">\r\n");
	}
	template->list_field = keep(compile, &field);
	buf_add(&field, template->feedback_field);
	buf_text(&field, template->class == CLASS_TX
			     ? "Auto-Submitted: auto-generated\r\n"
			     : "Precedence: bulk\r\n");
	buf_text(&field, "X-Auto-Response-Suppress: OOF, AutoReply\r\n");
	template->manner_field = keep(compile, &field);
	buf_done(&field);
}

/* ---- Text -------------------------------------------------------------- */

/* What was written, with tokens in place of its marks. */
struct scanned {
	struct buf subject, preheader, body;
};

/* The language that formats write in. */
static enum merge_language
format_language(const struct campaign *campaign)
{
	struct span language = buf_span(&campaign->language);

	if (language.len == 0)
		language =
		    span_of(mailtheme_language(buf_span(&campaign->body)));
	return span_starts(language, SPAN("ja")) ? MERGE_LANGUAGE_JA
						 : MERGE_LANGUAGE_EN;
}

/* Scans subject, preheader and text into tokens of the set. */
static int
scan_sources(struct compile *compile, struct scanned *out)
{
	struct merge_set *set = &compile->template->set;
	struct merge_source source = {
	    .part = "subject",
	    .text = buf_span(&compile->campaign->subject),
	    .syntax = MERGE_LINE,
	};

	set->language = format_language(compile->campaign);
	if (merge_scan(set, &source, &out->subject, compile->err) < 0)
		return -1;
	source.part = "preheader";
	source.text = buf_span(&compile->campaign->preheader);
	if (merge_scan(set, &source, &out->preheader, compile->err) < 0)
		return -1;
	source.part = "text";
	source.text = buf_span(&compile->campaign->body);
	source.syntax = MERGE_MARKDOWN;
	if (merge_scan(set, &source, &out->body, compile->err) < 0)
		return -1;
	return template_check_fields(
	    compile->db, compile->campaign, compile->template, compile->err);
}

/* No section may be torn apart by what the parts make of their sources. */
static int
check_sections(struct compile *compile)
{
	const struct template *template = compile->template;
	const struct merge_text *const all[] = {
	    &template->subject, &template->html, &template->plain};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		unsigned torn = merge_text_torn(all[i]);
		if (torn != MERGE_NO_MARK)
			return merge_fail(&template->set, torn, E_MARKDOWN,
			    "section", compile->err);
	}
	return 0;
}

/* The look and the language of the HTML part, and all of it that stands before
 * the text. */
static int
begin_html(struct compile *compile, const struct scanned *scanned)
{
	const struct campaign *campaign = compile->campaign;
	struct template *template = compile->template;
	struct span language = buf_span(&campaign->language);
	struct mailtheme_frame frame = {
	    .set = &template->set,
	    .title = buf_span(&scanned->subject),
	    .preheader = buf_span(&scanned->preheader),
	    .sender = template->legal.name,
	};

	if (frame.sender.len == 0)
		frame.sender = span_trim(buf_span(&campaign->from_name));
	if (language.len == 0)
		language =
		    span_of(mailtheme_language(buf_span(&campaign->body)));
	if (mailtheme_parse(buf_span(&campaign->theme_text), language,
		template->arena, &template->theme, compile->err) < 0)
		return -1;
	mailtheme_begin(template->theme, &frame, &template->html);
	return 0;
}

static int
compile_text(struct compile *compile)
{
	struct template *template = compile->template;
	struct scanned scanned = {BUF_INIT, BUF_INIT, BUF_INIT};
	struct markdown markdown = {.set = &template->set};
	struct plain plain;
	int rc = -1;

	plain_init(&plain, &template->set);
	if (scan_sources(compile, &scanned) < 0)
		goto out;
	merge_text_add(&template->subject, &template->set,
	    buf_span(&scanned.subject), MERGE_HEADER, MERGE_HEADER);
	if (begin_html(compile, &scanned) < 0)
		goto out;
	markdown.tokens = buf_span(&scanned.body);
	markdown.theme = template->theme;
	markdown.images = &template->files.images;
	if (markdown_render(&markdown, &template->html, &plain, compile->err) <
	    0)
		goto out;
	legal_add(&template->legal, template->theme, &template->html, &plain);
	mailtheme_end(template->theme, &template->html);
	plain_settle(&plain);
	template->plain = plain.text;
	plain.text = MERGE_TEXT_INIT;
	rc = check_sections(compile);
out:
	plain_done(&plain);
	buf_done(&scanned.subject);
	buf_done(&scanned.preheader);
	buf_done(&scanned.body);
	return rc;
}

/* True when some use of the field has a format that asks for this. */
static bool
wants(const struct merge_field *field, const char *what)
{
	for (unsigned i = FORMAT_NONE + 1; i < FORMAT_KINDS; i++) {
		if ((field->formats & 1u << i) &&
		    strcmp(merge_format_wants((enum format_kind)i), what) == 0)
			return true;
	}
	return false;
}

static void
compile_fields(struct template *template)
{
	const struct merge_set *set = &template->set;

	template->field = mem_array(set->field_count, sizeof *template->field);
	for (size_t i = 0; i < set->field_count; i++) {
		const struct merge_field *field = &set->field[i];
		template->field[i] = (struct template_field){
		    .name = field->name,
		    .has_fallback = field->has_fallback,
		    .in_header = field->in_header,
		    .is_value = field->is_value,
		    .is_section = field->is_section,
		    .is_date = wants(field, "date"),
		    .is_number = wants(field, "number"),
		};
	}
}

/* What the parts hold is looked at once, and not again for each message. */
static bool
is_utf8(const struct template *template)
{
	const struct merge_set *set = &template->set;

	for (size_t i = 0; i < set->mark_count; i++) {
		if (!utf8_is_valid(set->mark[i].fallback))
			return false;
	}
	return utf8_is_valid(buf_span(&template->html.literal)) &&
	       utf8_is_valid(buf_span(&template->plain.literal));
}

/* ---- Digest ------------------------------------------------------------ */

static void
digest_add(struct buf *data, struct span value)
{
	buf_int(data, (int64_t)value.len);
	buf_char(data, ':');
	buf_add(data, value);
}

/* Each value with its length, so that no two sets of values look alike.  The
 * rendered parts are in it too: they hold the footer. */
static void
compile_digest(struct compile *compile)
{
	struct template *template = compile->template;
	const struct campaign *campaign = compile->campaign;
	const struct span part[] = {SPAN(TEMPLATE_FORMAT),
	    buf_span(&campaign->subject), buf_span(&campaign->body),
	    buf_span(&campaign->preheader), buf_span(&campaign->theme_text),
	    buf_span(&campaign->language), buf_span(&template->html.literal),
	    buf_span(&template->plain.literal),
	    template->from_field[ENCODE_UTF8], template->reply_field,
	    template->list_field, template->manner_field,
	    template->from_address, template->message_domain,
	    template->bounce_domain, template->from_domain, template->selector,
	    template->legal.base_url, template->legal.mail_local,
	    template->legal.mail_domain,
	    span_make(template->secured.signer.bytes, SHA256_LEN)};
	struct buf data = BUF_INIT;

	for (size_t i = 0; i < sizeof part / sizeof *part; i++)
		digest_add(&data, part[i]);
	for (size_t i = 0; i < template->set.fixed_count; i++)
		digest_add(&data, template->set.fixed[i]);
	buf_int(&data, template->campaign);
	buf_char(&data, ',');
	buf_int(&data, template->list);
	buf_char(&data, ',');
	buf_int(&data, template->class);
	buf_char(&data, ',');
	buf_int(&data, template->report);
	buf_char(&data, ',');
	buf_int(&data, campaign->charset);
	buf_char(&data, ',');
	buf_int(&data, campaign->smime);
	buf_char(&data, ',');
	buf_int(&data, campaign->encrypt);
	files_digest(&template->files, &data);
	crypt_sha256(buf_span(&data), &template->digest);
	buf_done(&data);
}

/* ---- Front door -------------------------------------------------------- */

static int
check_body(const struct campaign *campaign, struct err *err)
{
	if (campaign->body.len > BODY_MAX) {
		err_set(err, E_BODY_LENGTH);
		return err_fact_int(err, "limit", BODY_MAX);
	}
	if (merge_is_blank(buf_span(&campaign->body)))
		return err_set(err, E_BODY_EMPTY);
	return 0;
}

int
template_compile(struct store *store, struct db *db,
    const struct campaign *campaign, struct template **out, struct err *err)
{
	struct template *template = mem_new(sizeof *template);
	struct compile compile = {store, db, campaign, template, err};
	const struct span source[] = {buf_span(&campaign->subject),
	    buf_span(&campaign->preheader), buf_span(&campaign->body)};
	int rc = -1;

	template->arena = arena_new();
	template->campaign = campaign->id.v;
	template->list = campaign->list;
	template->class = campaign->class;
	merge_set_init(&template->set, template->arena, source,
	    sizeof source / sizeof *source);
	if (check_body(campaign, err) < 0 || compile_sender(&compile) < 0 ||
	    compile_domains(&compile) < 0 || compile_feedback(&compile) < 0 ||
	    legal_read(db, campaign->class, template->arena, &template->legal,
		err) < 0 ||
	    files_begin(&template->files, db, template->campaign,
		template->message_domain, template->arena, err) < 0 ||
	    compile_text(&compile) < 0 ||
	    files_finish(&template->files, db,
		buf_span(&template->html.literal), err) < 0 ||
	    secured_plan_read(
		db, campaign, template->arena, &template->secured, err) < 0)
		goto out;
	compile_fixed_fields(&compile);
	compile_fields(template);
	compile_digest(&compile);
	template->is_utf8 = is_utf8(template);
	*out = template;
	template = NULL;
	rc = 0;
out:
	template_free(&template);
	return rc;
}

void
template_free(struct template **template)
{
	struct template *it = *template;

	if (!it)
		return;
	files_done(&it->files);
	merge_set_done(&it->set);
	merge_text_done(&it->subject);
	merge_text_done(&it->html);
	merge_text_done(&it->plain);
	free(it->field);
	arena_free(&it->arena);
	free(it);
	*template = NULL;
}

void
template_digest(const struct template *template, struct digest *out)
{
	*out = template->digest;
}

const struct template_field *
template_fields(const struct template *template, size_t *count)
{
	*count = template->set.field_count;
	return template->field;
}

const struct merge_mark *
template_marks(const struct template *template, size_t *count)
{
	*count = template->set.mark_count;
	return template->set.mark;
}

struct span
template_message_domain(const struct template *template)
{
	return template->message_domain;
}
