/* The finished message: the one function behind preview, proof and delivery.
 * It is repeatable (same inputs, same bytes, apart from Date and
 * DKIM-Signature) because delivery compares each message with the leaf that
 * the proof has recorded.  Buffers are kept from message to message. */
#include "core/compose/template.h"

#include <stdlib.h>

#include "core/compose/token.h"
#include "core/mail/address.h"
#include "core/mail/dkim.h"
#include "core/mail/header.h"
#include "core/mail/mime.h"

struct assembler {
	const struct template *template; /* borrowed */
	struct dkim_signer *signer;      /* NULL: unsigned */
	struct token_maker *maker;
	struct arena *arena; /* of one message */
	struct buf *custom;  /* one per field: unescaped value */
	struct span *value;  /* as custom */
	struct buf token, https, mailto, boundary, message_id, mail_from;
	struct buf subject, html, filled, text;
	struct buf plain_message; /* before signing */
	struct buf bytes;
	struct buf leaf;
};

/* ---- Life -------------------------------------------------------------- */

static int
make_signer(struct assembler *assembler, struct db *db, struct err *err)
{
	const struct template *template = assembler->template;
	struct secret *key = NULL;
	struct buf selector = BUF_INIT;
	int rc = -1, found;

	found = dkim_active(db, template->from_domain, &key, &selector, err);
	if (found < 0)
		goto out;
	if (found == 0 && !template->selector.len) {
		err_set(err, E_DKIM_MISSING);
		err_fact(err, "domain", template->from_domain);
		goto out;
	}
	/* the template was compiled, and perhaps sealed, with another key */
	if (!span_equal(buf_span(&selector), template->selector)) {
		err_set(err, E_DKIM_KEY);
		err_fact(err, "what", SPAN("changed"));
		goto out;
	}
	rc = dkim_signer_new(key, template->from_domain, buf_span(&selector),
	    &assembler->signer, err);
out:
	secret_free(&key);
	buf_done(&selector);
	return rc;
}

int
assembler_new(struct store *store, struct db *db,
    const struct template *template, enum assemble_how how,
    struct assembler **out, struct err *err)
{
	struct assembler *assembler = mem_new(sizeof *assembler);
	size_t count = template->set.field_count;

	assembler->template = template;
	assembler->maker = token_maker_new(store);
	assembler->arena = arena_new();
	assembler->custom = mem_array(count, sizeof *assembler->custom);
	assembler->value = mem_array(count, sizeof *assembler->value);
	if (how == ASSEMBLE_SIGNED && make_signer(assembler, db, err) < 0) {
		assembler_free(&assembler);
		return -1;
	}
	*out = assembler;
	return 0;
}

void
assembler_free(struct assembler **assembler)
{
	struct assembler *it = *assembler;

	if (!it)
		return;
	struct buf *const all[] = {&it->token, &it->https, &it->mailto,
	    &it->boundary, &it->message_id, &it->mail_from, &it->subject,
	    &it->html, &it->filled, &it->text, &it->plain_message, &it->bytes,
	    &it->leaf};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		buf_done(all[i]);
	for (size_t i = 0; i < it->template->set.field_count; i++)
		buf_done(&it->custom[i]);
	free(it->custom);
	free(it->value);
	dkim_signer_free(&it->signer);
	token_maker_free(&it->maker);
	arena_free(&it->arena);
	free(it);
	*assembler = NULL;
}

/* ---- Values ------------------------------------------------------------ */

/* CRLF inside a cell is a line end like LF; a lone CR stays and is refused. */
static void
drop_cr(struct buf *value)
{
	size_t to = 0;

	if (span_index(buf_span(value), '\r') == value->len)
		return;
	for (size_t i = 0; i < value->len; i++) {
		if (value->ptr[i] == '\r' && i + 1 < value->len &&
		    value->ptr[i + 1] == '\n')
			continue;
		value->ptr[to++] = value->ptr[i];
	}
	value->len = to;
}

static int
read_values(struct assembler *assembler, const struct recipient *recipient,
    struct err *err)
{
	const struct template *template = assembler->template;

	for (size_t i = 0; i < template->set.field_count; i++) {
		struct buf *custom = &assembler->custom[i];
		buf_clear(custom);
		switch (template->source[i]) {
		case FIELD_NAME:
			buf_add(custom, recipient->name);
			break;
		case FIELD_ADDRESS:
			buf_add(custom, recipient->address);
			break;
		case FIELD_CUSTOM:
			if (field_value(recipient->fields,
				template->field[i].name, custom, err) < 0)
				return -1;
			break;
		}
		drop_cr(custom);
		assembler->value[i] = buf_span(custom);
	}
	return 0;
}

/* ---- Header ------------------------------------------------------------ */

static void
make_message_id(
    struct assembler *assembler, const unsigned char ref[MESSAGE_REF_LEN])
{
	const struct template *template = assembler->template;
	struct buf *id = &assembler->message_id;

	buf_char(id, '<');
	token_message(assembler->maker, template->campaign, ref, id);
	buf_char(id, '@');
	buf_add(id, template->message_domain);
	buf_char(id, '>');
}

/* Everything random-looking about this recipient. */
static void
make_tokens(struct assembler *assembler, const struct recipient *recipient,
    struct span wire, int64_t at_ms)
{
	const struct template *template = assembler->template;
	struct buf *const all[] = {&assembler->token, &assembler->https,
	    &assembler->mailto, &assembler->boundary, &assembler->message_id,
	    &assembler->mail_from};

	struct token_base base;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		buf_clear(all[i]);
	token_base(assembler->maker, template->campaign, recipient->seq, &base);
	crypt_base64url(&assembler->boundary,
	    span_make(base.boundary, sizeof base.boundary));
	make_message_id(assembler, base.ref);
	if (template->legal.opt_out) {
		const struct token_stop stop = {
		    template->campaign, template->list, recipient->seq, wire};

		token_unsubscribe(assembler->maker, &stop, &assembler->token);
		legal_uris(&template->legal, buf_span(&assembler->token),
		    &assembler->https, &assembler->mailto);
	}
	if (template->bounce_domain.len > 0) {
		token_return_path(
		    assembler->maker, base.ref, at_ms, &assembler->mail_from);
		buf_char(&assembler->mail_from, '@');
		buf_add(&assembler->mail_from, template->bounce_domain);
	} else {
		buf_add(&assembler->mail_from, template->from_address);
	}
}

/* Where the Date field stands in plain_message. */
struct date_place {
	size_t from, to;
};

static int
write_header(struct assembler *assembler, const struct header_mailbox *to,
    int64_t at_ms, struct date_place *date, struct err *err)
{
	const struct template *template = assembler->template;
	struct buf *out = &assembler->plain_message;

	buf_add(out, template->from_field);
	if (header_mailbox(out, "To", to, err) < 0)
		return -1;
	buf_add(out, template->reply_field);
	if (header_text(out, "Subject", buf_span(&assembler->subject), err) < 0)
		return -1;
	date->from = out->len;
	buf_text(out, "Date: ");
	clock_rfc5322(out, at_ms);
	buf_text(out, "\r\n");
	date->to = out->len;
	if (header_structured(
		out, "Message-ID", buf_span(&assembler->message_id), err) < 0)
		return -1;
	buf_add(out, template->list_field);
	if (template->legal.opt_out &&
	    header_list_unsubscribe(out, buf_span(&assembler->https),
		buf_span(&assembler->mailto), err) < 0)
		return -1;
	buf_add(out, template->manner_field);
	return 0;
}

/* ---- Message ----------------------------------------------------------- */

static void
fill_parts(struct assembler *assembler)
{
	const struct template *template = assembler->template;
	struct merge_values values = {
	    assembler->value, buf_span(&assembler->token)};

	buf_clear(&assembler->subject);
	buf_clear(&assembler->html);
	buf_clear(&assembler->filled);
	buf_clear(&assembler->text);
	merge_fill(
	    &template->subject, &template->set, &values, &assembler->subject);
	merge_fill(&template->html, &template->set, &values, &assembler->html);
	merge_fill(
	    &template->plain, &template->set, &values, &assembler->filled);
	plain_wrap(buf_span(&assembler->filled), &assembler->text);
}

static void
make_leaf(struct assembler *assembler, struct span rcpt_to,
    const struct date_place *date, struct digest *out)
{
	struct span all = buf_span(&assembler->plain_message);

	buf_clear(&assembler->leaf);
	buf_add(&assembler->leaf, rcpt_to);
	buf_char(&assembler->leaf, '\n');
	buf_add(&assembler->leaf, span_slice(all, 0, date->from));
	buf_add(&assembler->leaf, span_slice(all, date->to, all.len));
	crypt_sha256(buf_span(&assembler->leaf), out);
}

/* Puts the signature, if any, before the message. */
static int
finish(struct assembler *assembler, int64_t at_ms, struct message *out,
    struct err *err)
{
	struct span all = buf_span(&assembler->plain_message);
	struct buf *bytes = &assembler->bytes;

	if (assembler->signer) {
		buf_clear(bytes);
		if (dkim_sign(
			assembler->signer, all, at_ms / 1000, bytes, err) < 0)
			return -1;
		buf_add(bytes, all);
		all = buf_span(bytes);
	}
	out->bytes = all;
	out->header =
	    span_slice(all, 0, span_search(all, SPAN("\r\n\r\n")) + 2);
	return 0;
}

static int
write_message(struct assembler *assembler, const struct header_mailbox *to,
    int64_t at_ms, struct date_place *date, struct err *err)
{
	struct mime_alternative mime = {
	    .token = buf_span(&assembler->boundary),
	    .plain = buf_span(&assembler->text),
	    .html = buf_span(&assembler->html),
	};

	buf_clear(&assembler->plain_message);
	if (write_header(assembler, to, at_ms, date, err) < 0)
		return -1;
	return mime_alternative(&assembler->plain_message, &mime, err);
}

int
assemble_message(struct assembler *assembler, const struct recipient *recipient,
    int64_t at_ms, struct message *out, struct err *err)
{
	struct merge_values values = {.value = assembler->value};
	struct header_mailbox to = {.name = recipient->name};
	struct date_place date;
	struct address address;

	*out = (struct message){.fallbacks = 0};
	arena_reset(assembler->arena);
	if (address_parse(recipient->address, assembler->arena, &address, err) <
		0 ||
	    read_values(assembler, recipient, err) < 0 ||
	    merge_check(
		&assembler->template->set, &values, &out->fallbacks, err) < 0)
		return -1;
	make_tokens(assembler, recipient, address.wire, at_ms);
	fill_parts(assembler);
	to.address = address.wire;
	if (merge_is_blank(to.name))
		to.name = SPAN("");
	if (write_message(assembler, &to, at_ms, &date, err) < 0)
		return -1;
	make_leaf(assembler, address.wire, &date, &out->leaf);
	out->text = buf_span(&assembler->text);
	out->html = buf_span(&assembler->html);
	out->subject = buf_span(&assembler->subject);
	out->mail_from = buf_span(&assembler->mail_from);
	out->rcpt_to = address.wire;
	out->message_id = buf_span(&assembler->message_id);
	return finish(assembler, at_ms, out, err);
}
