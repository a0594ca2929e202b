/* From what is written to the finished message: Markdown, merge, footer,
 * headers, MIME, DKIM.  Preview, proof and delivery call the same
 * assemble_message(). */
#ifndef CORE_COMPOSE_COMPOSE_H
#define CORE_COMPOSE_COMPOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attach/attach.h"
#include "core/base/buf.h"
#include "core/base/crypt.h"
#include "core/base/err.h"
#include "core/campaign/campaign.h"
#include "core/compose/marks.h"
#include "core/contacts/contacts.h"
#include "core/mail/smime.h"
#include "core/store/store.h"

/* ---- Compiling --------------------------------------------------------- */

/* A campaign made ready for merging: Markdown rendered once, all parts cut
 * into segments, sender and footer from the settings.  Immutable; shared by
 * threads. */
struct template;

/* Compiles what a campaign holds now; known fields are those of its list, and
 * name and address.  The caller frees *out.  E_MERGE_UNKNOWN, E_MERGE_SYNTAX,
 * E_MARKDOWN, E_MARKDOWN_HTML, E_URL_SCHEME, E_URL_HOST, E_URL_MARK,
 * E_SENDER_MISSING, E_BODY_EMPTY, E_BODY_LENGTH, E_ADDRESS_* of the sender. */
int template_compile(struct store *store, struct db *db,
    const struct campaign *campaign, struct template **out, struct err *err);

/* Frees a template; accepts NULL, sets *template to NULL. */
void template_free(struct template **template);

/* SHA-256 over everything that goes into messages except recipients: source
 * texts, headers, footer, sender, DKIM domain and selector. */
void template_digest(const struct template *template, struct digest *out);

/* A merge field that occurs. */
struct template_field {
	struct span name;  /* lives as long as the template */
	bool has_fallback; /* every use has one */
	bool in_header;
	bool is_value;           /* it is shown somewhere */
	bool is_section;         /* some section opens with it */
	bool is_date, is_number; /* some use has such a format */
};

/* The merge fields in order of first use; live as long as the template. */
const struct template_field *template_fields(
    const struct template *template, size_t *count);

/* All merge marks in the order of writing; live as long as the template. */
const struct merge_mark *template_marks(
    const struct template *template, size_t *count);

/* ---- Assembling -------------------------------------------------------- */

/* One recipient; spans are borrowed for the call. */
struct recipient {
	int64_t seq;         /* number in the outbox; part of the tokens */
	struct span address; /* as stored in contact.address */
	struct span name;
	struct span fields; /* JSON object */
};

/* The working memory of one thread for one template: buffers, DKIM context. */
struct assembler;

/* A proof needs no signature of any kind, as the leaf is over none. */
enum assemble_how {
	ASSEMBLE_PROOF,
	ASSEMBLE_UNSIGNED, /* no DKIM; S/MIME as the campaign wants it */
	ASSEMBLE_SIGNED
};

/* A new assembler; template and store are borrowed for its life, db for the
 * call.  With ASSEMBLE_SIGNED the active DKIM key of the From domain is read;
 * E_DKIM_MISSING when there is none. */
int assembler_new(struct store *store, struct db *db,
    const struct template *template, enum assemble_how how,
    struct assembler **out, struct err *err);

/* Frees an assembler; accepts NULL, sets *assembler to NULL. */
void assembler_free(struct assembler **assembler);

/* Which reports relays are asked for (setting message.dsn, RFC 3461). */
enum message_report { MESSAGE_REPORT_DEFAULT, MESSAGE_REPORT_FAILURE };

/* A file that a message carries; lives as long as the message. */
struct message_file {
	enum attach_kind kind;
	struct span name, type;
	int64_t octets;       /* of the file itself */
	struct digest digest; /* SHA-256 of these */
};

/* The finished message; the spans live until the assembler is next used. */
struct message {
	struct span bytes;   /* the whole, CRLF, DKIM-Signature first */
	struct span header;  /* header block within bytes, without blank line */
	struct span text;    /* the merged plain part, UTF-8, LF */
	struct span html;    /* the merged HTML part, UTF-8, LF */
	struct span subject; /* merged subject, UTF-8 */
	struct span mail_from; /* envelope sender */
	struct span rcpt_to;   /* envelope recipient in wire form */
	struct span message_id;
	struct span envid; /* the envelope id that names it in reports */
	enum message_report report;
	size_t octets;     /* of bytes; of a proof: at most, once S/MIME is
			* around it */
	bool is_encrypted; /* S/MIME: bytes will hold nothing readable */
	enum campaign_charset charset; /* of bytes: UTF-8 too where the
					* campaign's cannot hold this message */
	struct digest leaf; /* SHA-256 over envelope recipient, LF, headers
			     * without Date and DKIM-Signature, empty line,
			     * SHA-256 of the body, all before S/MIME, and the
			     * fingerprints of the certificates used; not over
			     * the envelope sender, which names the day of
			     * sending */
	int fallbacks;      /* merge marks filled by their fallback */
	const struct message_file *file; /* images, files for all, own ones */
	size_t file_count;
};

/* Makes the message for one recipient, dated at_ms.  Repeatable: the same
 * inputs give the same bytes apart from Date and DKIM-Signature.
 * E_MERGE_EMPTY, E_MERGE_BYTES, E_MERGE_VALUE, E_ADDRESS_*, E_HEADER_*,
 * E_SMIME_RECIPIENT when the campaign must be encrypted and there is no
 * certificate for the recipient that holds at at_ms; E_ATTACH_KEY,
 * E_ATTACH_NONE, E_ATTACH_DIGEST where a file of the recipient's own is not to
 * be had. */
int assemble_message(struct assembler *assembler,
    const struct recipient *recipient, int64_t at_ms, struct message *out,
    struct err *err);

/* Finds out which way a recipient goes through the marks of the template,
 * without making the message: took has an octet of WAY_ bits for each of
 * template_marks().  Costs about as much as a tenth of a message.  Fails as
 * assemble_message() does, with what was found until then. */
int assemble_way(struct assembler *assembler, const struct recipient *recipient,
    unsigned char *took, struct err *err);

/* What stood in field number index of template_fields() for the recipient of
 * the last assemble_message(), also when that has failed at a mark; lives until
 * the next.  Empty: the fallback was used, or the section not shown. */
struct span assemble_value(const struct assembler *assembler, size_t index);

/* What makes a message a test of the one that recipient N would get. */
struct test_mark {
	int64_t test;          /* number of the test mail, from 1 */
	int64_t item;          /* of the copy, from 1 */
	int64_t number;        /* N, as the band says it */
	struct span address;   /* whom it goes to, as address_parse() takes */
	struct span name;      /* theirs; may be empty */
	struct span text_code; /* shown in the plain part */
	struct span html_code; /* shown in the HTML part */
};

/* Makes the message of recipient with a band on top of both parts and a mark
 * before the subject, to be sent to mark->address.  Its Message-ID and return
 * path are of another kind than those of recipients (message_ref_parse() does
 * not know them) and its unsubscribe token is nobody's.  Errors as
 * assemble_message().  Only the review makes tests (tests/lint/gate.sh). */
int assemble_test(struct assembler *assembler,
    const struct recipient *recipient, const struct test_mark *mark,
    int64_t at_ms, struct message *out, struct err *err);

/* Hands over the octets of the message made last: out->bytes and the spans
 * within it then live as long as into, whose old memory is used for the next
 * message. */
void assemble_give(struct assembler *assembler, struct buf *into);

/* What a reader of the HTML part sees: text and link targets, for checks that
 * compare both parts. */
int html_to_text(struct span html, struct buf *out, struct err *err);

/* Appends all URLs of a text or HTML part in order, one per line. */
void part_urls(struct span part, struct buf *out);

/* The same for what is text, however it begins. */
void text_urls(struct span text, struct buf *out);

/* ---- Mail themes ------------------------------------------------------- */

enum { MAIL_THEME_PAIRS_MAX = 24, MAIL_THEME_MAX = 64 * 1024 };

/* What a mail theme says of itself, and how well what it colours can be read:
 * WCAG 2 contrasts times 100. */
struct mail_theme {
	char name[48];
	char name_ja[48]; /* may be empty */
	size_t pairs;
	struct {
		const char *name; /* stable: "heading.1"; a static string */
		int light, dark;
	} pair[MAIL_THEME_PAIRS_MAX];
};

/* True when a file says that it is a mail theme (kind = mail). */
bool mail_theme_is(struct span text);

/* Reads the file of a mail theme; an empty one is "letter".  E_MAIL_THEME
 * (line, column, why, wanted), E_FILE_SIZE, E_MAIL_THEME_CONTRAST (pair,
 * scheme, contrast; *out is then filled nevertheless). */
int mail_theme_check(struct span text, struct mail_theme *out, struct err *err);

/* ---- Identifiers ------------------------------------------------------- */

/* A message is named three times: by its Message-ID <c.CAMPAIGN.REF.MAC@domain>,
 * by its envelope id, the same without brackets and domain, and, where a bounce
 * domain is set, by its return path b+11DAYREFMAC@domain.  REF is a keyed hash
 * over campaign and number in the outbox, MAC proves that this store made it;
 * both are lower-case base32.  docs/writing.md shows them. */
enum { MESSAGE_REF_LEN = 10 };

enum message_ref_kind { MESSAGE_REF_ID, MESSAGE_REF_PATH };

/* What an identifier of ours says. */
struct message_ref {
	enum message_ref_kind kind;
	int64_t campaign; /* 0: a return path does not tell */
	int day; /* of a return path: days since 1970 modulo 1000; else -1 */
	unsigned char ref[MESSAGE_REF_LEN];
};

/* Reads foreign bytes: a Message-ID or envelope id, or an address, with or
 * without angle brackets and domain, in either case of letters.  True when it
 * is one that this store has made. */
bool message_ref_parse(
    const struct store *store, struct span text, struct message_ref *out);

/* True when a message that left between the two times (of its run, say) may
 * have the reference; false is certain. */
bool message_ref_covers(
    const struct message_ref *ref, int64_t from_ms, int64_t to_ms);

/* The number in the outbox that a reference stands for, among count recipients
 * of a campaign; 0 when it is none of them.  Tries each: about 0.4 us. */
int64_t message_ref_find(const struct store *store,
    const struct message_ref *ref, int64_t campaign, int64_t count);

/* Appends the Message-ID, in its brackets, of recipient seq.  domain is what
 * template_message_domain() gave when the campaign was launched, so nothing
 * about a message must be kept to name it. */
void message_id_of(const struct store *store, int64_t campaign,
    struct span domain, int64_t seq, struct buf *out);

/* What stands behind the @ of all Message-IDs; lives as long as the
 * template. */
struct span template_message_domain(const struct template *template);

/* The keys in use by one thread. */
struct token_maker;

/* A maker; the caller frees it before the store is closed. */
struct token_maker *token_maker_new(const struct store *store);

/* Wipes and frees; accepts NULL, sets *maker to NULL. */
void token_maker_free(struct token_maker **maker);

/* Who may stop what. */
struct token_stop {
	int64_t campaign, list, seq;
	struct span address; /* wire form, at most 256 octets */
};

/* Appends the unsubscribe token: 26 characters of base32, 128 bits. */
void token_unsubscribe(
    struct token_maker *maker, const struct token_stop *stop, struct buf *out);

/* ---- DKIM keys --------------------------------------------------------- */

struct dkim_info {
	int64_t id;
	char domain[256];
	char selector[64];
	int64_t created_ms;
	bool active;
};

/* Makes an RSA-2048 key for a domain under a selector, active at once; other
 * keys of the domain become inactive.  Logged.  E_ADDRESS_DOMAIN,
 * E_DKIM_KEY. */
int dkim_create(struct store *store, struct span domain, struct span selector,
    struct err *err);

/* All keys; *out has *count entries, the caller frees it. */
int dkim_all(
    struct db *db, struct dkim_info **out, size_t *count, struct err *err);

/* Appends to name the owner name of the DNS record and to value its text
 * ("v=DKIM1; k=rsa; p=..."), for pasting. */
int dkim_dns_record(struct db *db, int64_t id, struct buf *name,
    struct buf *value, struct err *err);

/* ---- S/MIME ------------------------------------------------------------ */

/* A certificate in the store; spans live in the arena it was read into. */
struct smime_info {
	int64_t id; /* of an identity; of a contact's: 0 */
	struct smime_certificate certificate;
};

/* Adds the identity in a PKCS #12 file.  Logged.  E_SMIME_FILE,
 * E_SMIME_CERTIFICATE (why: usage, key, expired, early, address when it names
 * none), E_SMIME_IDENTITY (why: taken). */
int smime_add(struct store *store, struct span pkcs12,
    const struct secret *passphrase, int64_t *id, struct err *err);

/* Removes an identity and its key.  Logged.  E_SMIME_IDENTITY (why: missing;
 * used, while a sealed or running campaign signs with it). */
int smime_remove(struct store *store, int64_t id, struct err *err);

/* All identities in the order of adding; the array lives in the arena. */
int smime_all(struct db *db, struct arena *arena, struct smime_info **out,
    size_t *count, struct err *err);

/* One identity: 1, or 0 when there is none. */
int smime_one(struct db *db, int64_t id, struct arena *arena,
    struct smime_info *out, struct err *err);

/* What became of certificates. */
struct smime_intake {
	int64_t added;
	int64_t known;   /* there already */
	int64_t nobody;  /* for no address of a contact */
	int64_t refused; /* expired, not yet valid, or not for encrypting */
	int64_t files;   /* that could not be read, or hold none */
};

/* Takes the certificates of a file (PEM, DER, P7B, P7C), or of all files in a
 * folder, for the contacts whose addresses they name; with a contact only for
 * that one.  Logged.  *out is what became of them.  E_FILE_*; E_SMIME_FILE for
 * a single file. */
int smime_take(struct store *store, const char *path, int64_t contact,
    struct smime_intake *out, struct err *err);

/* The certificates of a contact, the one that lasts longest first; the array
 * lives in the arena. */
int smime_of_contact(struct db *db, int64_t contact, struct arena *arena,
    struct smime_info **out, size_t *count, struct err *err);

/* Removes all certificates of a contact.  Logged. */
int smime_drop(struct store *store, int64_t contact, struct err *err);

#endif
