/* Who we are in the eyes of DNS, out of the store: domains, keys, addresses
 * that mail leaves from, block lists to ask. */
#include "core/health/health.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/mail/address.h"

/* ---- Domains --------------------------------------------------------------------- */

bool
house_add_domain(struct house *house, struct span name, unsigned roles)
{
	struct arena *arena = arena_new();
	struct house_domain *domain = NULL;
	struct span known = SPAN("");

	if (address_domain(name, arena, &known, NULL) < 0 ||
	    !dns_is_host(known))
		goto out;
	for (size_t i = 0; i < house->domains && !domain; i++) {
		if (span_equal(house->domain[i].name, known))
			domain = &house->domain[i];
	}
	if (!domain && house->domains < HOUSE_DOMAINS_MAX) {
		domain = &house->domain[house->domains++];
		domain->name = arena_copy(house->bytes, known);
	}
	if (domain)
		domain->roles |= roles;
out:
	arena_free(&arena);
	return domain != NULL;
}

/* The domain of an address as it is sent; empty when it is none. */
static struct span
domain_of(struct span text, struct arena *arena)
{
	struct address address;

	if (address_parse(text, arena, &address, NULL) < 0)
		return SPAN("");
	return address.domain;
}

static int
read_setting(struct db *db, struct house *house, const char *name,
    struct span *out, struct err *err)
{
	struct buf value = BUF_INIT;
	int rc = setting_read(db, name, &value, err);

	*out = arena_copy(house->bytes, span_trim(buf_span(&value)));
	buf_done(&value);
	return rc;
}

static void
add_from(struct house *house, struct span domain)
{
	if (domain.len)
		house_add_domain(house, domain,
		    HOUSE_FROM | (house->return_domain.len ? 0 : HOUSE_RETURN));
}

static int
read_domains(struct db *db, const struct house_sender *sender,
    struct house *house, struct err *err)
{
	struct span from, reply_to;

	if (read_setting(db, house, "message.bounce_domain",
		&house->return_domain, err) < 0 ||
	    read_setting(db, house, "sender.address", &from, err) < 0 ||
	    read_setting(db, house, "sender.reply_to", &reply_to, err) < 0)
		return -1;
	if (sender->from.len) {
		from = sender->from;
		reply_to = sender->reply_to;
	}
	add_from(house, domain_of(from, house->bytes));
	reply_to = domain_of(reply_to, house->bytes);
	if (reply_to.len)
		house_add_domain(house, reply_to, HOUSE_REPLY_TO);
	if (house->return_domain.len)
		house_add_domain(house, house->return_domain, HOUSE_RETURN);
	return 0;
}

/* ---- Keys ------------------------------------------------------------------------- */

static int
read_keys(struct db *db, const struct house_sender *sender, struct house *house,
    struct err *err)
{
	struct stmt *stmt = db_stmt(db,
	    "SELECT domain, selector, public, created_ms FROM dkim_key"
	    " WHERE active = 1 ORDER BY domain",
	    err);
	struct span from = domain_of(sender->from, house->bytes);
	int got = -1;

	while (stmt && (got = stmt_step(stmt, err)) == 1) {
		struct span domain = stmt_col_text(stmt, 0);
		struct house_key *key = &house->key[house->keys];

		if (house->keys == HOUSE_KEYS_MAX ||
		    (from.len && !span_equal(domain, from)))
			continue;
		key->domain = arena_copy(house->bytes, domain);
		key->selector =
		    arena_copy(house->bytes, stmt_col_text(stmt, 1));
		key->public = arena_copy(house->bytes, stmt_col_text(stmt, 2));
		key->created_ms = stmt_col_int(stmt, 3);
		house->keys++;
		add_from(house, key->domain);
	}
	stmt_reset(stmt);
	return got;
}

/* ---- Addresses that mail leaves from ------------------------------------------------ */

/* Adds an address in its shortest form, once. */
static void
add_address(struct house *house, const char *text)
{
	unsigned char octets[16];
	char address[46];
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	if (house->addresses == HOUSE_ADDRESSES_MAX ||
	    inet_pton(family, text, octets) != 1 ||
	    !inet_ntop(family, octets, address, sizeof address))
		return;
	for (size_t i = 0; i < house->addresses; i++) {
		if (!strcmp(house->address[i], address))
			return;
	}
	memcpy(house->address[house->addresses++], address, sizeof address);
}

/* Private, local and shared ranges (RFC 6890): nobody outside sees them. */
static bool
is_public_v4(const unsigned char *o)
{
	return o[0] != 0 && o[0] != 10 && o[0] != 127 && o[0] < 224 &&
	       !(o[0] == 100 && o[1] >= 64 && o[1] < 128) &&
	       !(o[0] == 169 && o[1] == 254) &&
	       !(o[0] == 172 && o[1] >= 16 && o[1] < 32) &&
	       !(o[0] == 192 && o[1] == 168) &&
	       !(o[0] == 192 && o[1] == 0 && o[2] == 2);
}

static bool
is_public_v6(const unsigned char *o)
{
	return (o[0] & 0xe0) == 0x20 &&
	       !(o[0] == 0x20 && o[1] == 1 && o[2] == 0x0d && o[3] == 0xb8);
}

static void
add_interface(struct house *house, const struct sockaddr *address)
{
	char text[46];
	const void *octets;
	bool public;

	if (address->sa_family == AF_INET) {
		octets = &((const struct sockaddr_in *)(const void *)address)
			      ->sin_addr;
		public = is_public_v4(octets);
	} else if (address->sa_family == AF_INET6) {
		octets = &((const struct sockaddr_in6 *)(const void *)address)
			      ->sin6_addr;
		public = is_public_v6(octets);
	} else {
		return;
	}
	if (public && inet_ntop(address->sa_family, octets, text, sizeof text))
		add_address(house, text);
}

/* This machine's own, when it stands in the Internet without translation. */
static void
add_interfaces(struct house *house)
{
	struct ifaddrs *all = NULL;

	if (getifaddrs(&all) < 0)
		return;
	for (struct ifaddrs *one = all; one; one = one->ifa_next) {
		if (one->ifa_addr && one->ifa_flags & IFF_UP)
			add_interface(house, one->ifa_addr);
	}
	freeifaddrs(all);
}

/* Whether every way out is ours: direct delivery, or a mail server on this
 * machine. */
static int
read_egress(struct db *db, struct house *house, struct err *err)
{
	struct relay_config *relays = NULL;
	size_t count = 0, foreign = 0, own = 0;

	if (relay_all(db, &relays, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		bool ours = relays[i].kind == RELAY_KIND_DIRECT ||
			    relay_is_local(&relays[i]);

		own += relays[i].enabled && ours;
		foreign += relays[i].enabled && !ours;
	}
	free(relays);
	house->egress = foreign || !own ? HOUSE_FOREIGN : HOUSE_OWN;
	return 0;
}

static int
read_addresses(struct db *db, struct house *house, struct err *err)
{
	struct span lines;

	if (read_egress(db, house, err) < 0 ||
	    read_setting(db, house, "egress.addresses", &lines, err) < 0)
		return -1;
	while (lines.len) {
		char text[46];

		span_text(text, sizeof text, span_trim(span_cut(&lines, '\n')));
		add_address(house, text);
	}
	if (!house->addresses && house->egress == HOUSE_OWN)
		add_interfaces(house);
	return 0;
}

/* ---- The rest ------------------------------------------------------------------------ */

static int
read_lists(struct db *db, struct house *house, const char *name,
    struct span *list, size_t *count, struct err *err)
{
	struct span lines;

	if (read_setting(db, house, name, &lines, err) < 0)
		return -1;
	while (lines.len && *count < HOUSE_LISTS_MAX) {
		struct span line = span_trim(span_cut(&lines, '\n'));

		if (dns_is_host(line))
			list[(*count)++] = arena_copy(house->bytes, line);
	}
	return 0;
}

static int
read_ehlo(struct db *db, struct house *house, struct err *err)
{
	struct buf name = BUF_INIT, mail_from = BUF_INIT;
	int rc;

	buf_text(&mail_from, "postmaster@");
	buf_add(&mail_from,
	    house->domains ? house->domain[0].name : SPAN("localhost"));
	rc = relay_ehlo_name(db, buf_span(&mail_from), &name, err);
	house->ehlo = arena_copy(house->bytes, buf_span(&name));
	buf_done(&name);
	buf_done(&mail_from);
	return rc;
}

int
house_read(struct db *db, const struct house_sender *sender, struct house *out,
    struct err *err)
{
	*out = (struct house){.bytes = arena_new()};
	if (read_domains(db, sender, out, err) < 0 ||
	    read_keys(db, sender, out, err) < 0 ||
	    read_addresses(db, out, err) < 0 || read_ehlo(db, out, err) < 0 ||
	    read_lists(db, out, "blocklist.addresses", out->address_list,
		&out->address_lists, err) < 0)
		return -1;
	return read_lists(
	    db, out, "blocklist.names", out->name_list, &out->name_lists, err);
}

void
house_done(struct house *house)
{
	arena_free(&house->bytes);
}
