/* A resolver that answers from a table. */
#include "tests/fake/resolver.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

enum { TTL_S = 300, CHAIN_MAX = 8 };

struct fake_resolver {
	struct resolver port;
	const struct fake_record *table;
	pthread_mutex_t lock;
	struct buf asked; /* names, a line each */
};

static _Noreturn void
die(const struct fake_record *record)
{
	fprintf(stderr, "fake resolver: %s: %s\n", record->name, record->data);
	abort();
}

static void
add_name(struct span name, struct buf *out)
{
	while (name.len) {
		struct span label = span_cut(&name, '.');

		if (label.len) {
			buf_char(out, (char)label.len);
			buf_add(out, label);
		}
	}
	buf_char(out, '\0');
}

static unsigned
take_number(struct span *rest, const struct fake_record *record)
{
	int64_t number = 0;

	if (!span_int(span_cut(rest, ' '), &number))
		die(record);
	return (unsigned)number;
}

static void
add_hex(struct span hex, struct buf *out)
{
	char pair[3] = "";

	for (size_t i = 0; i + 1 < hex.len; i += 2) {
		memcpy(pair, hex.ptr + i, 2);
		buf_char(out, (char)strtoul(pair, NULL, 16));
	}
}

static void
add_address(int family, const struct fake_record *record, struct buf *out)
{
	unsigned char bytes[16];

	if (inet_pton(family, record->data, bytes) != 1)
		die(record);
	buf_add(out, span_make(bytes, family == AF_INET ? 4 : 16));
}

static void
add_strings(struct span text, struct buf *out)
{
	while (text.len) {
		size_t len = text.len < 255 ? text.len : 255;

		buf_char(out, (char)len);
		buf_add(out, span_slice(text, 0, len));
		text = span_slice(text, len, text.len);
	}
}

static void
add_rdata(const struct fake_record *record, struct buf *out)
{
	struct span rest = record->len ? span_make(record->data, record->len)
				       : span_of(record->data);
	unsigned number;

	switch (record->type) {
	case DNS_A:
		add_address(AF_INET, record, out);
		break;
	case DNS_AAAA:
		add_address(AF_INET6, record, out);
		break;
	case DNS_MX:
		number = take_number(&rest, record);
		buf_char(out, (char)(number >> 8));
		buf_char(out, (char)number);
		add_name(rest, out);
		break;
	case DNS_CNAME:
	case DNS_PTR:
		add_name(rest, out);
		break;
	case DNS_TXT:
		add_strings(rest, out);
		break;
	case DNS_TLSA:
		for (int i = 0; i < 3; i++)
			buf_char(out, (char)take_number(&rest, record));
		add_hex(rest, out);
		break;
	}
}

static void
answer_from(const struct fake_record *table, const struct dns_question *what,
    struct dns_answer *out)
{
	struct buf rdata = BUF_INIT;

	for (const struct fake_record *r = table; r->name; r++) {
		if (!span_equal_nocase(span_of(r->name), span_of(what->name)))
			continue;
		if (out->status == DNS_NXDOMAIN)
			out->status = DNS_NODATA;
		if (r->type != what->type)
			continue;
		buf_clear(&rdata);
		if (r->status == DNS_FOUND)
			add_rdata(r, &rdata);
		if (r->status != DNS_FOUND)
			out->status = r->status;
		else if (!dns_answer_add(out, what->type, buf_span(&rdata)))
			die(r);
	}
	buf_done(&rdata);
}

/* The name behind a CNAME, or the name itself. */
static const char *
follow(const struct fake_record *table, const char *name)
{
	for (const struct fake_record *r = table; r->name; r++) {
		if (r->type == DNS_CNAME && r->status == DNS_FOUND &&
		    span_equal_nocase(span_of(r->name), span_of(name)))
			return r->data;
	}
	return name;
}

/* The name at the end of a chain, or NULL. */
static const char *
follow_all(const struct fake_record *table, const char *name)
{
	for (int i = 0; i < CHAIN_MAX; i++) {
		const char *next = follow(table, name);

		if (next == name)
			return name;
		name = next;
	}
	return NULL;
}

static int
ask(struct resolver *resolver, const struct dns_question *what,
    struct dns_answer *out, struct err *err)
{
	struct fake_resolver *fake = (struct fake_resolver *)resolver;
	struct dns_question behind = *what;
	struct span name;

	(void)err;
	pthread_mutex_lock(&fake->lock);
	buf_text(&fake->asked, what->name);
	buf_char(&fake->asked, '\n');
	behind.name = follow_all(fake->table, what->name);
	name = span_of(behind.name ? behind.name : what->name);
	dns_answer_init(out, behind.name ? DNS_NXDOMAIN : DNS_SERVFAIL, name);
	if (behind.name)
		answer_from(fake->table, &behind, out);
	pthread_mutex_unlock(&fake->lock);
	out->ttl_s = TTL_S;
	out->secure =
	    span_ends(name, SPAN(".signed")) && out->status <= DNS_NXDOMAIN;
	return 0;
}

struct fake_resolver *
fake_resolver_new(const struct fake_record *table)
{
	struct fake_resolver *fake = mem_new(sizeof *fake);

	fake->port.ask = ask;
	fake->table = table;
	pthread_mutex_init(&fake->lock, NULL);
	return fake;
}

struct resolver *
fake_resolver_port(struct fake_resolver *fake)
{
	return &fake->port;
}

void
fake_resolver_use(struct fake_resolver *fake, const struct fake_record *table)
{
	pthread_mutex_lock(&fake->lock);
	fake->table = table;
	pthread_mutex_unlock(&fake->lock);
}

int
fake_resolver_asked(struct fake_resolver *fake, const char *name)
{
	struct span rest;
	int count = 0;

	pthread_mutex_lock(&fake->lock);
	rest = buf_span(&fake->asked);
	while (rest.len) {
		struct span line = span_cut(&rest, '\n');

		count += !name || span_equal(line, span_of(name));
	}
	pthread_mutex_unlock(&fake->lock);
	return count;
}

void
fake_resolver_free(struct fake_resolver **fake)
{
	if (!*fake)
		return;
	buf_done(&(*fake)->asked);
	pthread_mutex_destroy(&(*fake)->lock);
	free(*fake);
	*fake = NULL;
}
