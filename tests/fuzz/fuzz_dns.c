/* Any record of an answer, and what MX and DANE make of it.  The first octet
 * chooses the type, then records stand behind their length. */
#include <stdint.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/net/dane.h"
#include "core/net/mx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
ask_mx(const struct dns_answer *answer)
{
	struct mx_question question = {"x.example", "us.example", 1};
	struct mx_list list;
	struct err why = {0};

	mx_read(&question, answer, &list, &why);
	must(list.count <= MX_HOSTS_MAX);
	must((list.kind <= MX_IMPLICIT) == (list.count > 0));
	must((list.kind <= MX_IMPLICIT) == (why.code == E_NONE));
	for (size_t i = 0; i < list.count; i++)
		must(dns_is_host(span_of(list.host[i].name)));
}

static void
ask_dane(const struct dns_answer *answer)
{
	struct dane_set set;

	dane_read(answer, &set);
	must(set.count <= DANE_RECORDS_MAX);
	must((set.state == DANE_MATCH) == (set.count > 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum dns_type types[] = {
	    DNS_A, DNS_AAAA, DNS_CNAME, DNS_MX, DNS_TLSA, DNS_TXT, DNS_PTR};
	struct dns_answer answer;
	enum dns_type type;
	size_t at = 1;

	if (!size)
		return 0;
	type = types[data[0] % (sizeof types / sizeof *types)];
	dns_answer_init(&answer, DNS_NODATA, SPAN("x.example"));
	answer.secure = data[0] & 64;
	while (at < size) {
		size_t len = data[at++];

		if (len > size - at)
			len = size - at;
		dns_answer_add(&answer, type, span_make(data + at, len));
		at += len;
	}
	must((answer.status == DNS_FOUND) == (answer.count > 0));
	if (type == DNS_MX)
		ask_mx(&answer);
	if (type == DNS_TLSA)
		ask_dane(&answer);
	dns_answer_done(&answer);
	return 0;
}
