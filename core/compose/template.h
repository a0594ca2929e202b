/* A compiled campaign, as the files of this folder see it. */
#ifndef CORE_COMPOSE_TEMPLATE_H
#define CORE_COMPOSE_TEMPLATE_H

#include "core/compose/compose.h"
#include "core/compose/files.h"
#include "core/compose/mailtheme.h"
#include "core/compose/merge.h"
#include "core/compose/plain.h"
#include "core/compose/secured.h"

/* Sender, footer and addresses as the settings hold them; spans live in the
 * template's arena, empty when not set. */
struct legal {
	struct span name, postal, contact, notice;
	struct span base_url;   /* of the unsubscribe page, without final '/' */
	struct span mail_local; /* of the unsubscribe address, as in a URI */
	struct span mail_domain;
	bool opt_out; /* this class of mail carries the opt-out */
};

struct template
{
	struct arena *arena;
	int64_t campaign, list;
	enum campaign_class class;
	struct merge_set set;
	const struct mailtheme *theme; /* in arena */
	struct merge_text subject, html, plain;
	struct template_field *field; /* as set.field */
	enum campaign_charset charset;
	struct secured_plan secured; /* S/MIME */
	struct span from_name;
	struct span from_field[2];  /* "From: ...\r\n", by encode_charset */
	struct span reply_field;    /* "Reply-To: ...\r\n" or empty */
	struct span list_field;     /* MIME-Version and List-Id */
	struct span feedback_field; /* Feedback-ID, CFBL-Address */
	bool has_cfbl;
	struct span manner_field;   /* Precedence and its kin */
	struct span from_address;   /* wire form */
	struct span from_domain;    /* lower-case A-labels, d= of DKIM */
	struct span message_domain; /* behind the @ of Message-ID */
	struct span bounce_domain;  /* of the envelope sender, or empty */
	enum message_report report;
	struct span selector; /* of the active DKIM key, or empty */
	struct legal legal;
	struct files files;
	struct digest digest;
	bool is_utf8; /* all that is not a recipient's value */
};

/* ---- fields.c ---------------------------------------------------------- */

/* Looks whether all marks of the template name something: a field of its list,
 * a key that some item of the list around the mark has, or one of our own,
 * which get their values.  E_MERGE_UNKNOWN, E_MERGE_SYNTAX (why: name). */
int template_check_fields(struct db *db, const struct campaign *campaign,
    struct template *template, struct err *err);

/* ---- legal.c ----------------------------------------------------------- */

/* Reads what the footer of this class needs; opt-out mail without name, postal
 * address, contact or unsubscribe page is E_SENDER_MISSING (setting). */
int legal_read(struct db *db, enum campaign_class class, struct arena *arena,
    struct legal *out, struct err *err);

/* Appends the locked footer to both parts. */
void legal_add(const struct legal *legal, const struct mailtheme *theme,
    struct merge_text *html, struct plain *plain);

/* Appends both unsubscribe URIs for a token; mailto stays empty when no
 * address is set. */
void legal_uris(const struct legal *legal, struct span token, struct buf *https,
    struct buf *mailto);

/* ---- dkimkeys.c -------------------------------------------------------- */

/* Reads the active key of a domain: 1 and *key (the caller frees it) and the
 * selector added to selector; 0 when there is none. */
int dkim_active(struct db *db, struct span domain, struct secret **key,
    struct buf *selector, struct err *err);

#endif
