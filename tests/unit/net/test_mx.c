/* Which hosts get a domain's mail, and what each kind of answer means. */
#include "core/net/mx.h"

#include "core/base/buf.h"
#include "tests/unit/unit.h"

/* An answer from words: "10 mx1.x.test,20 mx2.x.test"; "-" is a name that is
 * none. */
static void
answer_of(struct dns_answer *out, enum dns_status status, const char *hosts)
{
	struct span rest = span_of(hosts);

	dns_answer_init(out, status, SPAN("x.test"));
	out->ttl_s = 300;
	while (rest.len) {
		struct span host = span_cut(&rest, ','), label;
		struct buf rdata = BUF_INIT;
		int64_t preference = 0;

		assert_true(span_int(span_cut(&host, ' '), &preference));
		buf_char(&rdata, (char)(preference >> 8));
		buf_char(&rdata, (char)preference);
		while (host.len) {
			label = span_cut(&host, '.');
			if (span_equal(label, SPAN("-")))
				label = SPAN("a b");
			if (label.len)
				buf_char(&rdata, (char)label.len);
			buf_add(&rdata, label);
		}
		buf_char(&rdata, '\0');
		assert_true(dns_answer_add(out, DNS_MX, buf_span(&rdata)));
		buf_done(&rdata);
	}
}

static void
read_into(enum dns_status status, const char *hosts, uint32_t dice,
    struct mx_list *list, struct err *why)
{
	struct mx_question question = {"x.test", "us.test", dice};
	struct dns_answer answer;

	answer_of(&answer, status, hosts);
	mx_read(&question, &answer, list, why);
	dns_answer_done(&answer);
}

static const struct {
	const char *name;
	enum dns_status status;
	const char *hosts;
	enum mx_kind kind;
	enum err_code why;
	const char *wanted;
} rows[] = {
    {"one", DNS_FOUND, "10 a.test", MX_HOSTS, E_NONE, "a.test"},
    {"sorted", DNS_FOUND, "30 c.test,10 a.test,20 b.test", MX_HOSTS, E_NONE,
	"a.test b.test c.test"},
    {"preferences are 16 bits", DNS_FOUND, "65535 b.test,256 a.test", MX_HOSTS,
	E_NONE, "a.test b.test"},
    {"twice", DNS_FOUND, "10 a.test,20 a.test,30 b.test", MX_HOSTS, E_NONE,
	"a.test b.test"},
    {"none: implicit", DNS_NODATA, "", MX_IMPLICIT, E_NONE, "x.test"},
    {"null", DNS_FOUND, "0 .", MX_REFUSED, E_MX_NULL, ""},
    {"null beside others is no null", DNS_FOUND, "0 .,10 a.test", MX_HOSTS,
	E_NONE, "a.test"},
    {"no such domain", DNS_NXDOMAIN, "", MX_REFUSED, E_DNS_NONE, ""},
    {"servfail", DNS_SERVFAIL, "", MX_LATER, E_DNS_LATER, ""},
    {"bogus", DNS_BOGUS, "", MX_LATER, E_DNS_BOGUS, ""},
    {"an address for a host", DNS_FOUND, "10 192.0.2.1", MX_REFUSED,
	E_MX_UNUSABLE, ""},
    {"an address beside a host", DNS_FOUND, "10 192.0.2.1,20 a.test", MX_HOSTS,
	E_NONE, "a.test"},
    {"a bad name", DNS_FOUND, "10 -.test", MX_REFUSED, E_MX_UNUSABLE, ""},
    {"one label", DNS_FOUND, "10 localhost", MX_REFUSED, E_MX_UNUSABLE, ""},
    {"us alone", DNS_FOUND, "10 us.test", MX_LATER, E_MX_LOOP, ""},
    {"us the best", DNS_FOUND, "10 US.test,20 a.test", MX_LATER, E_MX_LOOP, ""},
    {"us the second: only better ones", DNS_FOUND,
	"10 a.test,20 us.test,20 b.test,30 c.test", MX_HOSTS, E_NONE, "a.test"},
};

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf got = BUF_INIT;
		struct err why = {0};
		struct mx_list list;

		read_into(rows[i].status, rows[i].hosts, 7, &list, &why);
		for (size_t j = 0; j < list.count; j++)
			buf_printf(
			    &got, "%s%s", j ? " " : "", list.host[j].name);
		if (list.kind != rows[i].kind || why.code != rows[i].why ||
		    !span_equal(buf_span(&got), span_of(rows[i].wanted)))
			fail_msg("%s: kind %d, %s, hosts %.*s", rows[i].name,
			    list.kind, err_name(why.code),
			    SPAN_ARG(buf_span(&got)));
		buf_done(&got);
	}
}

/* Equal preferences share the load, unequal ones never change places. */
static void
test_dice(void **state)
{
	int first[3] = {0};

	(void)state;
	for (uint32_t dice = 1; dice <= 300; dice++) {
		struct mx_list list;

		read_into(DNS_FOUND, "10 a.test,10 b.test,10 c.test,20 d.test",
		    dice * 2654435761u, &list, NULL);
		assert_int_equal(list.count, 4);
		assert_string_equal(list.host[3].name, "d.test");
		first[list.host[0].name[0] - 'a']++;
	}
	for (int i = 0; i < 3; i++)
		assert_in_range(first[i], 60, 140);
}

static void
test_many_hosts(void **state)
{
	struct buf hosts = BUF_INIT;
	struct mx_list list;

	(void)state;
	for (int i = 0; i < 40; i++)
		buf_printf(&hosts, "%s%d h%02d.test", i ? "," : "", i, i);
	read_into(DNS_FOUND, hosts.ptr, 1, &list, NULL);
	assert_int_equal(list.count, MX_HOSTS_MAX);
	assert_string_equal(list.host[0].name, "h00.test");
	buf_done(&hosts);
}

/* ---- Addresses ------------------------------------------------------------- */

static void
add_addresses(struct dns_answer *out, enum dns_type type,
    enum dns_status status, int count)
{
	unsigned char bytes[16] = {0x20, 0x01, 0x0d, 0xb8};
	size_t len = type == DNS_A ? 4 : 16;

	dns_answer_init(out, status, SPAN("a.test"));
	for (int i = 0; i < count; i++) {
		bytes[len - 1] = (unsigned char)(i + 1);
		assert_true(dns_answer_add(out, type, span_make(bytes, len)));
	}
}

static const struct {
	const char *name;
	enum dns_status v6;
	int count6;
	enum dns_status v4;
	int count4;
	enum mx_kind kind;
	enum err_code why;
	size_t count;
} families[] = {
    {"both", DNS_FOUND, 1, DNS_FOUND, 1, MX_HOSTS, E_NONE, 2},
    {"v4 alone", DNS_NODATA, 0, DNS_FOUND, 2, MX_HOSTS, E_NONE, 2},
    {"many", DNS_FOUND, 9, DNS_FOUND, 9, MX_HOSTS, E_NONE, MX_ADDRESSES_MAX},
    {"none", DNS_NODATA, 0, DNS_NODATA, 0, MX_REFUSED, E_MX_UNUSABLE, 0},
    {"no such host", DNS_NXDOMAIN, 0, DNS_NXDOMAIN, 0, MX_REFUSED,
	E_MX_UNUSABLE, 0},
    {"v6 failed, v4 there", DNS_SERVFAIL, 0, DNS_FOUND, 1, MX_HOSTS, E_NONE, 1},
    {"v6 failed, v4 none", DNS_SERVFAIL, 0, DNS_NODATA, 0, MX_LATER,
	E_DNS_LATER, 0},
    {"v4 failed, v6 none", DNS_NODATA, 0, DNS_SERVFAIL, 0, MX_LATER,
	E_DNS_LATER, 0},
    {"v6 forged, v4 there", DNS_BOGUS, 0, DNS_FOUND, 1, MX_LATER, E_DNS_BOGUS,
	0},
    {"v4 forged", DNS_NODATA, 0, DNS_BOGUS, 0, MX_LATER, E_DNS_BOGUS, 0},
};

static void
test_families(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
		struct dns_answer v6, v4;
		struct mx_addresses got;
		struct err why = {0};

		add_addresses(
		    &v6, DNS_AAAA, families[i].v6, families[i].count6);
		add_addresses(&v4, DNS_A, families[i].v4, families[i].count4);
		mx_addresses("a.test", &v6, &v4, 3, &got, &why);
		if (got.kind != families[i].kind ||
		    why.code != families[i].why ||
		    got.count != families[i].count)
			fail_msg("%s: kind %d, %s, %zu addresses",
			    families[i].name, got.kind, err_name(why.code),
			    got.count);
		dns_answer_done(&v6);
		dns_answer_done(&v4);
	}
}

static void
test_families_take_turns(void **state)
{
	struct dns_answer v6, v4;
	struct mx_addresses got;

	(void)state;
	add_addresses(&v6, DNS_AAAA, DNS_FOUND, 3);
	add_addresses(&v4, DNS_A, DNS_FOUND, 1);
	v6.secure = true;
	mx_addresses("a.test", &v6, &v4, 5, &got, NULL);
	assert_int_equal(got.count, 4);
	assert_non_null(strchr(got.address[0].text, ':'));
	assert_true(got.address[0].secure);
	assert_string_equal(got.address[1].text, "32.1.13.1");
	assert_false(got.address[1].secure);
	assert_non_null(strchr(got.address[2].text, ':'));
	assert_non_null(strchr(got.address[3].text, ':'));
	dns_answer_done(&v6);
	dns_answer_done(&v4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_dice),
	    cmocka_unit_test(test_many_hosts),
	    cmocka_unit_test(test_families),
	    cmocka_unit_test(test_families_take_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
