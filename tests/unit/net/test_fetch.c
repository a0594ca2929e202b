/* One request over HTTPS: what is read of an answer, and against servers that
 * answer well, badly and not at all. */
#include "core/net/fetch.h"

#include <stdatomic.h>

#include "core/net/tls.h"
#include "tests/fake/relay.h"
#include "tests/fake/wires.h"
#include "tests/unit/unit.h"

static const struct {
	const char *name, *bytes;
	enum fetch_method method;
	enum fetch_got open, closed;
	int status;
	const char *type, *body;
} responses[] = {
    {"length",
	"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=x\r\n"
	"Content-Length: 3\r\n\r\nabc",
	FETCH_GET, FETCH_DONE, FETCH_DONE, 200, "text/html", "abc"},
    {"until the end", "HTTP/1.0 404 Not Found\n\nabc", FETCH_GET, FETCH_MORE,
	FETCH_DONE, 404, "", "abc"},
    {"a head alone", "HTTP/1.1 301 Moved\r\nLocation: https://x/\r\n\r\n",
	FETCH_HEAD, FETCH_DONE, FETCH_DONE, 301, "", ""},
    {"nothing to say", "HTTP/1.1 204 No Content\r\n\r\n", FETCH_POST,
	FETCH_DONE, FETCH_DONE, 204, "", ""},
    {"wait a moment",
	"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"
	"Content-Length: 0\r\n\r\n",
	FETCH_POST, FETCH_DONE, FETCH_DONE, 200, "", ""},
    {"half a head", "HTTP/1.1 200 OK\r\nContent", FETCH_GET, FETCH_MORE,
	FETCH_BAD, 200, "", ""},
    {"nothing", "", FETCH_GET, FETCH_MORE, FETCH_BAD, 0, "", ""},
    {"another protocol", "220 mail ESMTP\r\n", FETCH_GET, FETCH_BAD, FETCH_BAD,
	0, "", ""},
    {"a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", FETCH_GET,
	FETCH_BAD, FETCH_BAD, 0, "", ""},
    {"a field without a name", "HTTP/1.1 200 OK\r\n: x\r\n\r\n", FETCH_GET,
	FETCH_BAD, FETCH_BAD, 200, "", ""},
    {"a length of words", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
	FETCH_GET, FETCH_BAD, FETCH_BAD, 200, "", ""},
};

static void
test_responses(void **state)
{
	struct fetch_answer answer = {0};

	(void)state;
	for (size_t i = 0; i < sizeof responses / sizeof *responses; i++) {
		struct span bytes = span_of(responses[i].bytes);
		enum fetch_got open, closed;

		answer.status = 0;
		open =
		    fetch_read(bytes, responses[i].method, FETCH_OPEN, &answer);
		closed = fetch_read(
		    bytes, responses[i].method, FETCH_CLOSED, &answer);
		if (open != responses[i].open || closed != responses[i].closed)
			fail_msg("%s: %d %d", responses[i].name, open, closed);
		if (closed != FETCH_DONE)
			continue;
		assert_int_equal(answer.status, responses[i].status);
		assert_string_equal(answer.type, responses[i].type);
		assert_true(span_equal(
		    buf_span(&answer.body), span_of(responses[i].body)));
	}
	fetch_done(&answer);
}

static const struct practice_cert_how right = {"DNS:www.x.test", -60, 3600, 0};
static const struct practice_cert_how misnamed = {
    "DNS:other.test", -60, 3600, 0};

#define ANSWER(text) {FAKE_RAW, text, 0}, {FAKE_END, NULL, 0}
static const struct fake_step serves[] = {{FAKE_TLS, NULL, 0},
    {FAKE_HEAR, "GET /a?b=c HTTP/1.1", 0}, {FAKE_HEAR, "Host: www.x.test", 0},
    ANSWER("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")};
static const struct fake_step refuses[] = {{FAKE_TLS, NULL, 0},
    {FAKE_HEAR, "GET", 0}, ANSWER("HTTP/1.1 403 Forbidden\r\n\r\nno")};
static const struct fake_step mumbles[] = {
    {FAKE_TLS, NULL, 0}, {FAKE_HEAR, "GET", 0}, ANSWER("hello\r\n")};
static const struct fake_step no_tls[] = {
    {FAKE_OCTETS, NULL, 0}, ANSWER("HTTP/1.1 200 OK\r\n\r\n")};
static const struct fake_step hangs[] = {
    {FAKE_TLS, NULL, 0}, {FAKE_HANG, NULL, 0}};
static const struct fake_step floods[] = {{FAKE_TLS, NULL, 0},
    {FAKE_HEAR, "GET", 0}, {FAKE_RAW, "HTTP/1.1 200 OK\r\n", 0},
    {FAKE_FLOOD, "X: 0123456789012345678901234567890123456789\r\n", 2000},
    {FAKE_END, NULL, 0}};

static const struct {
	const char *name, *url;
	const struct fake_step *script;
	const struct practice_cert_how *cert;
	int status;
	const char *why; /* NULL: answered */
} fetches[] = {
    {"answered", "https://www.x.test/a?b=c#d", serves, &right, 200, NULL},
    {"refused", "https://www.x.test", refuses, &right, 403, NULL},
    {"no HTTP", "https://www.x.test", mumbles, &right, 0, "syntax"},
    {"endless head", "https://www.x.test", floods, &right, 0, "syntax"},
    {"wrong name", "https://www.x.test", serves, &misnamed, 0,
	"hostname mismatch"},
    {"no TLS", "https://www.x.test", no_tls, &right, 0, "wrong version number"},
    {"silence", "https://www.x.test", hangs, &right, 0, "time"},
    {"nobody there", "https://www.y.test", serves, &right, 0, "connection"},
    {"another scheme", "http://www.x.test/", serves, &right, 0, "url"},
    {"a line end", "https://www.x.test/a\r\nX: y", serves, &right, 0, "url"},
    {"a port of words", "https://www.x.test:a/", serves, &right, 0, "url"},
    {"a name before it", "https://u@www.x.test/", serves, &right, 0, "url"},
};

static void
test_fetches(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof fetches / sizeof *fetches; i++) {
		const struct fake_step *scripts[] = {fetches[i].script};
		struct fake_plan plan = {scripts, 1, fetches[i].cert};
		struct fake_relay *server = fake_relay_start(&plan);
		struct tls_context *tls = NULL;
		struct fetch_answer answer;
		struct fake_wires wires;
		struct err err = {0};
		int rc;

		assert_ok(
		    tls_context_new(fake_relay_ca_file(server), &tls, &err),
		    &err);
		fake_wires_init(&wires);
		fake_wires_add(
		    &wires, "www.x.test", 443, fake_relay_port(server));
		rc =
		    fetch(&(struct fetch){.dialler = &wires.base,
			      .tls = tls,
			      .method = FETCH_GET,
			      .url = span_of(fetches[i].url),
			      .limit_ms = fetches[i].script == hangs ? 300 : 0},
			&answer, &err);
		if ((rc < 0) != (fetches[i].why != NULL) ||
		    (rc < 0 && !strstr(err_find(&err, "why"), fetches[i].why)))
			fail_msg("%s: %d %s", fetches[i].name, rc,
			    err_find(&err, "why"));
		if (rc == 0)
			assert_int_equal(answer.status, fetches[i].status);
		fetch_done(&answer);
		tls_context_free(&tls);
		fake_relay_stop(&server);
	}
}

static void
test_cancelled(void **state)
{
	static const atomic_bool cancel = true;
	struct fetch_answer answer;
	struct fake_wires wires;
	struct err err = {0};

	(void)state;
	fake_wires_init(&wires);
	assert_int_equal(fetch(&(struct fetch){.dialler = &wires.base,
				   .cancel = &cancel,
				   .url = SPAN("https://www.x.test/")},
			     &answer, &err),
	    -1);
	assert_int_equal(err.code, E_CANCELLED);
	assert_int_equal(wires.dialled, 0);
	fetch_done(&answer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_responses),
	    cmocka_unit_test(test_fetches),
	    cmocka_unit_test(test_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
