/* The finished message: the one function behind preview, proof and delivery.
 * It is repeatable (same inputs, same bytes, apart from Date and
 * DKIM-Signature) because delivery compares each message with the leaf that
 * the proof has recorded.  Buffers are kept from message to message. */
#include "core/compose/template.h"

#include <stdlib.h>

#include "core/compose/carrier.h"
#include "core/compose/secured.h"
#include "core/compose/testmark.h"
#include "core/compose/token.h"
#include "core/compose/written.h"
#include "core/mail/address.h"
#include "core/mail/dkim.h"
#include "core/mail/header.h"
#include "core/mail/mime.h"

/* Room before a message, so that its signature can be put there: no signature
 * with names and keys of the greatest length is longer. */
enum { SIGNATURE_ROOM = 2048 };

/* A Date field; the same for all messages of a second. */
struct date_text {
	int64_t second;
	struct buf field;
};

struct assembler {
	const struct template *template; /* borrowed */
	enum assemble_how how;
	struct dkim_signer *signer; /* NULL: unsigned */
	struct token_maker *maker;
	struct crypt_hash *hash;
	struct merge_data *data;
	struct carrier *carrier;      /* NULL: no files */
	const struct test_mark *mark; /* of the message made now, or NULL */
	struct arena *arena;          /* of one message */
	bool has_values;              /* of the last recipient */
	struct date_text date;
	struct buf token, https, mailto, boundary, message_id, mail_from;
	struct buf subject, html, filled, text;
	struct written written; /* the texts as they leave */
	struct secured secured; /* S/MIME */
	struct buf bytes;       /* SIGNATURE_ROOM, then the message */
	struct buf signature;
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

	assembler->template = template;
	assembler->how = how;
	assembler->maker = token_maker_new(store);
	assembler->hash = crypt_hash_new();
	assembler->data = merge_data_new(&template->set);
	assembler->arena = arena_new();
	assembler->date.second = INT64_MIN;
	if (carrier_new(store, &template->files, &assembler->carrier, err) <
		0 ||
	    (how == ASSEMBLE_SIGNED && make_signer(assembler, db, err) < 0) ||
	    (how != ASSEMBLE_PROOF && secured_begin(&assembler->secured,
					  &template->secured, db, err) < 0)) {
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
	    &it->html, &it->filled, &it->text, &it->bytes, &it->signature,
	    &it->date.field};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		buf_done(all[i]);
	written_done(&it->written);
	secured_done(&it->secured);
	dkim_signer_free(&it->signer);
	token_maker_free(&it->maker);
	crypt_hash_free(&it->hash);
	merge_data_free(&it->data);
	carrier_free(&it->carrier);
	arena_free(&it->arena);
	free(it);
	*assembler = NULL;
}

/* ---- Values ------------------------------------------------------------ */

/* Takes the values of a recipient; until then there are none. */
static int
read_values(struct assembler *assembler, const struct recipient *recipient,
    struct err *err)
{
	const struct merge_person person = {
	    recipient->name, recipient->address, recipient->fields};

	assembler->has_values = false;
	if (merge_data_read(assembler->data, &person, err) < 0)
		return -1;
	assembler->has_values = true;
	return 0;
}

int
assemble_way(struct assembler *assembler, const struct recipient *recipient,
    unsigned char *took, struct err *err)
{
	int fallbacks;

	if (read_values(assembler, recipient, err) < 0)
		return -1;
	return merge_check(assembler->data, took, &fallbacks, err);
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

/* The same for a test: all of it is of a kind of its own, so that nothing that
 * comes back can be taken for a recipient's. */
static void
make_test_tokens(struct assembler *assembler)
{
	const struct template *template = assembler->template;
	const struct token_test test = {
	    template->campaign, assembler->mark->test, assembler->mark->item};
	struct token_base base;

	token_base_test(assembler->maker, &test, &base);
	crypt_base64url(&assembler->boundary,
	    span_make(base.boundary, sizeof base.boundary));
	buf_char(&assembler->message_id, '<');
	token_message_test(assembler->maker, template->campaign, base.ref,
	    &assembler->message_id);
	buf_char(&assembler->message_id, '@');
	buf_add(&assembler->message_id, template->message_domain);
	buf_char(&assembler->message_id, '>');
	if (template->legal.opt_out) {
		token_unsubscribe_test(
		    assembler->maker, &test, &assembler->token);
		legal_uris(&template->legal, buf_span(&assembler->token),
		    &assembler->https, &assembler->mailto);
	}
	if (template->bounce_domain.len > 0) {
		token_return_path_test(
		    assembler->maker, base.ref, &assembler->mail_from);
		buf_char(&assembler->mail_from, '@');
		buf_add(&assembler->mail_from, template->bounce_domain);
	} else {
		buf_add(&assembler->mail_from, template->from_address);
	}
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
	if (assembler->mark) {
		make_test_tokens(assembler);
		return;
	}
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

/* Where the parts of a message stand in bytes. */
struct places {
	size_t date, date_end; /* the Date field */
	size_t entity;         /* Content-* fields, then the body */
	size_t body;
};

static struct span
date_field(struct date_text *date, int64_t at_ms)
{
	int64_t second = at_ms / 1000;

	if (second != date->second) {
		date->second = second;
		buf_clear(&date->field);
		buf_text(&date->field, "Date: ");
		clock_rfc5322(&date->field, at_ms);
		buf_text(&date->field, "\r\n");
	}
	return buf_span(&date->field);
}

/* What a complaint names: the Message-ID's left side, with colons because the
 * field knows no dots (RFC 9477 section 5). */
static void
write_cfbl_id(const struct assembler *assembler, struct buf *out)
{
	struct span id = buf_span(&assembler->message_id);

	buf_text(out, "CFBL-Feedback-ID: ");
	for (size_t i = 1; i < id.len && id.ptr[i] != '@'; i++)
		buf_char(out, (char)(id.ptr[i] == '.' ? ':' : id.ptr[i]));
	buf_text(out, "\r\n");
}

static int
write_header(struct assembler *assembler, const struct header_mailbox *to,
    int64_t at_ms, struct places *places, struct err *err)
{
	const struct template *template = assembler->template;
	struct buf *out = &assembler->bytes;

	enum encode_charset charset = written_words(&assembler->written);

	buf_add(out, template->from_field[charset]);
	if (header_mailbox_in(out, "To", to, charset, err) < 0)
		return -1;
	buf_add(out, template->reply_field);
	if (header_text_in(out, "Subject", buf_span(&assembler->subject),
		charset, err) < 0)
		return -1;
	places->date = out->len;
	buf_add(out, date_field(&assembler->date, at_ms));
	places->date_end = out->len;
	if (header_structured(
		out, "Message-ID", buf_span(&assembler->message_id), err) < 0)
		return -1;
	buf_add(out, template->list_field);
	if (template->legal.opt_out &&
	    header_list_unsubscribe(out, buf_span(&assembler->https),
		buf_span(&assembler->mailto), err) < 0)
		return -1;
	if (template->has_cfbl)
		write_cfbl_id(assembler, out);
	buf_add(out, template->manner_field);
	if (assembler->mark)
		buf_text(out, "X-Sekisho-Test: yes\r\n");
	return 0;
}

/* ---- Message ----------------------------------------------------------- */

static void
fill_parts(struct assembler *assembler)
{
	const struct template *template = assembler->template;
	struct span token = buf_span(&assembler->token);
	struct merge_data *data = assembler->data;
	struct buf *const all[] = {&assembler->subject, &assembler->html,
	    &assembler->filled, &assembler->text};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		buf_clear(all[i]);
	merge_fill(&template->subject, data, token, &assembler->subject);
	merge_fill(&template->html, data, token, &assembler->html);
	merge_fill(&template->plain, data, token, &assembler->filled);
	plain_wrap(buf_span(&assembler->filled), &assembler->text);
}

static void
choose_charset(struct assembler *assembler, struct span to)
{
	const struct template *template = assembler->template;
	const struct written_source source = {
	    .from = template->from_name,
	    .to = to,
	    .subject = buf_span(&assembler->subject),
	    .plain = buf_span(&assembler->text),
	    .html = buf_span(&assembler->html),
	};

	written_choose(&assembler->written, template->charset, &source);
}

/* Appends what S/MIME would be put around: Content-* fields and parts. */
static int
write_entity(struct assembler *assembler, struct buf *out, struct err *err)
{
	struct mime_tree tree = {
	    .token = buf_span(&assembler->boundary),
	    .plain = assembler->written.plain,
	    .html = assembler->written.html,
	    .known = assembler->template->is_utf8 ? MIME_UTF8 : MIME_ANY,
	};

	size_t *place = carrier_tree(assembler->carrier, &tree);

	return mime_entity(out, &tree, place, err);
}

static void
find_body(const struct buf *bytes, struct places *places)
{
	struct span all = buf_span(bytes);

	places->body = places->entity +
		       span_search(span_slice(all, places->entity, all.len),
			   SPAN("\r\n\r\n")) +
		       4;
}

static int
write_message(struct assembler *assembler, const struct header_mailbox *to,
    int64_t at_ms, struct places *places, struct err *err)
{
	struct buf *bytes = &assembler->bytes;

	buf_clear(bytes);
	buf_reserve(bytes, SIGNATURE_ROOM);
	bytes->len = SIGNATURE_ROOM;
	if (write_header(assembler, to, at_ms, places, err) < 0)
		return -1;
	places->entity = bytes->len;
	if (write_entity(assembler, bytes, err) < 0)
		return -1;
	find_body(bytes, places);
	return 0;
}

/* The leaf holds the hash of the body, not the body: a signature needs the same
 * hash, and hashing is what a message costs most for.  Files stand in it by
 * their own hashes. */
static void
make_leaf(struct assembler *assembler, struct span rcpt_to,
    const struct places *places, struct digest *body, struct digest *out)
{
	struct crypt_hash *hash = assembler->hash;
	struct span all = buf_span(&assembler->bytes);

	crypt_hash_begin(hash);
	carrier_hash(assembler->carrier, hash, all, places->body);
	crypt_hash_end(hash, body);
	crypt_hash_begin(hash);
	crypt_hash_add(hash, rcpt_to);
	crypt_hash_add(hash, SPAN("\n"));
	crypt_hash_add(hash, span_slice(all, SIGNATURE_ROOM, places->date));
	crypt_hash_add(hash, span_slice(all, places->date_end, places->body));
	crypt_hash_add(hash, span_make(body->bytes, sizeof body->bytes));
	secured_leaf(&assembler->secured, &assembler->template->secured, hash);
	crypt_hash_end(hash, out);
}

/* S/MIME comes behind the leaf and before DKIM, which signs what leaves. */
static int
secure(struct assembler *assembler, struct places *places, struct digest *body,
    int64_t at_ms, struct err *err)
{
	struct secured *secured = &assembler->secured;
	struct buf *bytes = &assembler->bytes;
	struct span all;

	if (assembler->how == ASSEMBLE_PROOF ||
	    (!secured->signer && !secured->recipient))
		return 0;
	if (secured_wrap(secured, bytes, places->entity,
		buf_span(&assembler->boundary), at_ms, err) < 0)
		return -1;
	find_body(bytes, places);
	all = buf_span(bytes);
	crypt_sha256(span_slice(all, places->body, all.len), body);
	return 0;
}

/* Puts the signature, if any, before the message.  It needs the hash of all
 * octets, which the leaf's is only when there are no files. */
static int
sign(struct assembler *assembler, const struct places *places,
    const struct digest *body, int64_t at_ms, struct err *err)
{
	struct span all = buf_span(&assembler->bytes);
	struct dkim_part part = {
	    .header = span_slice(all, SIGNATURE_ROOM, places->body - 2),
	    .body = span_slice(all, places->body, all.len),
	    .body_hash = body,
	};
	struct buf *signature = &assembler->signature;
	struct digest whole;

	buf_clear(signature);
	if (!assembler->signer)
		return 0;
	if (assembler->carrier) {
		crypt_hash_begin(assembler->hash);
		crypt_hash_add(assembler->hash, part.body);
		crypt_hash_end(assembler->hash, &whole);
		part.body_hash = &whole;
	}
	if (dkim_sign_part(
		assembler->signer, &part, at_ms / 1000, signature, err) < 0)
		return -1;
	if (signature->len > SIGNATURE_ROOM) {
		err_set(err, E_BUG);
		return err_fact(err, "where", SPAN("signature"));
	}
	memcpy(assembler->bytes.ptr + SIGNATURE_ROOM - signature->len,
	    signature->ptr, signature->len);
	return 0;
}

/* Hands out what the buffers hold. */
static void
show(const struct assembler *assembler, const struct places *places,
    struct message *out)
{
	struct span all = buf_span(&assembler->bytes);
	size_t start = SIGNATURE_ROOM - assembler->signature.len;

	out->bytes = span_slice(all, start, all.len);
	out->header = span_slice(all, start, places->body - 2);
	out->text = buf_span(&assembler->text);
	out->html = buf_span(&assembler->html);
	out->subject = buf_span(&assembler->subject);
	out->mail_from = buf_span(&assembler->mail_from);
	out->message_id = buf_span(&assembler->message_id);
	out->envid =
	    span_slice(out->message_id, 1, span_index(out->message_id, '@'));
	out->report = assembler->template->report;
	out->charset = assembler->written.charset;
	out->is_encrypted = assembler->secured.recipient != NULL;
	out->octets = out->bytes.len;
	if (assembler->how == ASSEMBLE_PROOF)
		out->octets = places->entity - start +
			      secured_size(&assembler->secured,
				  &assembler->template->secured,
				  all.len - places->entity);
	carrier_show(assembler->carrier, out);
}

static int
load_files(struct assembler *assembler, const struct recipient *recipient,
    struct err *err)
{
	const struct attach_person person = {
	    recipient->address, recipient->name, recipient->fields};

	if (!assembler->carrier)
		return 0;
	return carrier_load(assembler->carrier, &person, err);
}

/* Puts the mark of a test on what was merged, and takes its receiver. */
static int
mark_test(
    struct assembler *assembler, struct header_mailbox *to, struct err *err)
{
	const struct testmark_parts parts = {
	    &assembler->subject, &assembler->text, &assembler->html};
	struct address address;

	if (address_parse(
		assembler->mark->address, assembler->arena, &address, err) < 0)
		return -1;
	*to = (struct header_mailbox){
	    .name = assembler->mark->name, .address = address.wire};
	return testmark_add(&parts, assembler->mark, err);
}

int
assemble_message(struct assembler *assembler, const struct recipient *recipient,
    int64_t at_ms, struct message *out, struct err *err)
{
	struct header_mailbox to = {.name = recipient->name};
	struct address address;
	struct places places;
	struct digest body;

	*out = (struct message){.fallbacks = 0};
	arena_reset(assembler->arena);
	if (address_parse(recipient->address, assembler->arena, &address, err) <
		0 ||
	    read_values(assembler, recipient, err) < 0 ||
	    merge_check(assembler->data, NULL, &out->fallbacks, err) < 0 ||
	    load_files(assembler, recipient, err) < 0)
		return -1;
	make_tokens(assembler, recipient, address.wire, at_ms);
	fill_parts(assembler);
	to.address = address.wire;
	if (assembler->mark && mark_test(assembler, &to, err) < 0)
		return -1;
	out->rcpt_to = to.address;
	if (merge_is_blank(to.name))
		to.name = SPAN("");
	if (secured_choose(&assembler->secured, &assembler->template->secured,
		assembler->mark ? assembler->mark->address : recipient->address,
		at_ms, err) < 0)
		return -1;
	choose_charset(assembler, to.name);
	if (write_message(assembler, &to, at_ms, &places, err) < 0)
		return -1;
	make_leaf(assembler, to.address, &places, &body, &out->leaf);
	if (secure(assembler, &places, &body, at_ms, err) < 0 ||
	    sign(assembler, &places, &body, at_ms, err) < 0)
		return -1;
	show(assembler, &places, out);
	return 0;
}

int
assemble_test(struct assembler *assembler, const struct recipient *recipient,
    const struct test_mark *mark, int64_t at_ms, struct message *out,
    struct err *err)
{
	int rc;

	assembler->mark = mark;
	rc = assemble_message(assembler, recipient, at_ms, out, err);
	assembler->mark = NULL;
	return rc;
}

void
assemble_give(struct assembler *assembler, struct buf *into)
{
	struct buf given = assembler->bytes;

	assembler->bytes = *into;
	*into = given;
}

struct span
assemble_value(const struct assembler *assembler, size_t index)
{
	if (!assembler->has_values)
		return SPAN("");
	return merge_data_value(assembler->data, index);
}
