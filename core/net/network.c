/* Networks as lists of lines.  A network with bits behind its prefix is
 * refused: 192.0.2.7/24 is either an address or a network, and a rule about who
 * may come in must not guess which. */
#include "core/net/network.h"

#include <arpa/inet.h>
#include <string.h>

enum { TEXT_ROOM = INET6_ADDRSTRLEN + 1 };

struct network {
	struct net_address address;
	unsigned prefix; /* bits */
};

/* ::ffff:0:0/96, RFC 4291 section 2.5.5.2 */
static void
unmap(struct net_address *address)
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (address->length != 16 ||
	    memcmp(address->bytes, mapped, sizeof mapped) != 0)
		return;
	memmove(address->bytes, address->bytes + 12, 4);
	address->length = 4;
}

static bool
read_plain(struct span text, struct net_address *out)
{
	char room[TEXT_ROOM];

	*out = (struct net_address){.length = 0};
	if (text.len == 0 || text.len >= sizeof room ||
	    memchr(text.ptr, '\0', text.len))
		return false;
	span_text(room, sizeof room, text);
	if (inet_pton(AF_INET, room, out->bytes) == 1)
		out->length = 4;
	else if (inet_pton(AF_INET6, room, out->bytes) == 1)
		out->length = 16;
	return out->length > 0;
}

bool
net_address_read(struct span text, struct net_address *out)
{
	if (!read_plain(span_slice(text, 0, span_index(text, '%')), out))
		return false;
	unmap(out);
	return true;
}

static bool
bit(const struct net_address *address, unsigned index)
{
	return address->bytes[index / 8] >> (7 - index % 8) & 1;
}

/* NULL, or what is wrong with the line. */
static const char *
read_network(struct span line, struct network *out)
{
	struct span address = span_slice(line, 0, span_index(line, '/'));
	int64_t prefix;

	if (!read_plain(address, &out->address))
		return "address";
	out->prefix = out->address.length * 8;
	if (address.len == line.len)
		return NULL;
	line = span_slice(line, address.len + 1, line.len);
	if (!span_int(line, &prefix) || line.len > 3 || prefix > out->prefix)
		return "prefix";
	for (unsigned i = (unsigned)prefix; i < out->prefix; i++) {
		if (bit(&out->address, i))
			return "bits";
	}
	out->prefix = (unsigned)prefix;
	return NULL;
}

int
networks_check(struct span lines, struct err *err)
{
	int count = 0;

	while (lines.len) {
		struct span line = span_trim(span_cut(&lines, '\n'));
		struct network network;
		const char *why;

		if (line.len == 0)
			continue;
		why = read_network(line, &network);
		if (!why && ++count > NETWORKS_MAX)
			why = "length";
		if (!why)
			continue;
		err_set(err, E_NETWORK);
		err_fact(err, "line", line);
		return err_fact(err, "why", span_of(why));
	}
	return 0;
}

/* An IPv6 network that holds mapped addresses is compared as what it says of
 * IPv4. */
static void
unmap_network(struct network *network)
{
	struct net_address address = network->address;

	unmap(&address);
	if (address.length == network->address.length || network->prefix < 96)
		return;
	network->address = address;
	network->prefix -= 96;
}

static bool
holds(const struct network *network, const struct net_address *address)
{
	if (network->address.length != address->length)
		return false;
	for (unsigned i = 0; i < network->prefix; i++) {
		if (bit(&network->address, i) != bit(address, i))
			return false;
	}
	return true;
}

bool
networks_hold(struct span lines, const struct net_address *address)
{
	while (lines.len) {
		struct span line = span_trim(span_cut(&lines, '\n'));
		struct network network;

		if (line.len == 0 || read_network(line, &network))
			continue;
		unmap_network(&network);
		if (holds(&network, address))
			return true;
	}
	return false;
}
