/* The demo's part of DNS: the sender's zone as a well-kept house would publish
 * it, the domains of the sample contacts, and nothing else.  libunbound answers
 * out of this file; the root itself is in it, so that no question is ever passed
 * on, whatever is asked. */
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/file.h"
#include "core/compose/compose.h"
#include "core/mail/dkim.h"
#include "core/net/dns.h"
#include "tui/demo/demo.h"

/* Everything that has no line here does not exist. */
static const char head[] = "server:\n"
			   "local-zone: \".\" static\n"
			   "local-zone: \"2.0.192.in-addr.arpa.\" static\n";

/* Addresses of documentation (RFC 5737); mail seems to leave from .10. */
static const char *const records[] = {
    "example.co.jp. IN MX 10 mail.example.co.jp.",
    "example.co.jp. IN A 192.0.2.80",
    "example.co.jp. IN TXT \"v=spf1 ip4:192.0.2.10 -all\"",
    "mail.example.co.jp. IN A 192.0.2.10",
    "10.2.0.192.in-addr.arpa. IN PTR mail.example.co.jp.",
    "_dmarc.example.co.jp. IN TXT "
    "\"v=DMARC1; p=reject; rua=mailto:dmarc@example.co.jp\"",
    "_smtp._tls.example.co.jp. IN TXT "
    "\"v=TLSRPTv1; rua=mailto:tls@example.co.jp\"",
    "www.example.co.jp. IN A 127.0.0.1",
    "unsubscribe.example.co.jp. IN A 127.0.0.1",
    "example.jp. IN MX 10 mail.example.jp.",
    "mail.example.jp. IN A 192.0.2.24",
    "example.com. IN MX 10 mail.example.com.",
    "mail.example.com. IN A 192.0.2.25",
    "example.org. IN MX 10 mail.example.org.",
    "mail.example.org. IN A 192.0.2.26",
};

static void
add_line(struct buf *out, struct span record)
{
	buf_text(out, "local-data: '");
	buf_add(out, record);
	buf_text(out, "'\n");
}

/* The keys of the store, as Setup shows them. */
static int
add_keys(struct db *db, struct buf *out, struct err *err)
{
	struct buf name = BUF_INIT, value = BUF_INIT, record = BUF_INIT;
	struct dkim_info *keys = NULL;
	size_t count = 0;
	int rc = dkim_all(db, &keys, &count, err);

	for (size_t i = 0; rc == 0 && i < count; i++) {
		buf_clear(&name);
		buf_clear(&value);
		buf_clear(&record);
		rc = dkim_dns_record(db, keys[i].id, &name, &value, err);
		buf_printf(&record, "%.*s. IN TXT ", SPAN_ARG(buf_span(&name)));
		dkim_record_strings(buf_span(&value), &record);
		add_line(out, buf_span(&record));
	}
	free(keys);
	buf_done(&name);
	buf_done(&value);
	buf_done(&record);
	return rc;
}

int
demo_names_write(struct store *store, const char *path, struct err *err)
{
	struct buf text = BUF_INIT;
	struct db *db = NULL;
	int rc;

	buf_text(&text, head);
	for (size_t i = 0; i < sizeof records / sizeof *records; i++)
		add_line(&text, span_of(records[i]));
	rc = store_reader_open(store, &db, err);
	if (rc == 0)
		rc = add_keys(db, &text, err);
	store_reader_close(&db);
	if (rc == 0)
		rc = file_replace(path, buf_span(&text), 0600, err);
	buf_done(&text);
	return rc;
}

struct resolver *
demo_names_open(const char *path)
{
	struct dns_options options = {.config = path};

	return resolver_unbound(&options);
}
