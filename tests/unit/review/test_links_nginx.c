/* LK-03 and LK-05 against nginx, which answers as it does in the world: pages,
 * redirects, 404, certificates that have ended or name somebody else, a server
 * behind it that says nothing, and the static files that refuse POST. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/review/extract.h"
#include "core/review/jobs.h"
#include "tests/fake/mailhost.h"
#include "tests/fake/stage.h"
#include "tests/fake/wires.h"

enum { GOOD, EXPIRED, OTHER, SERVERS };

static struct {
	struct certs certs;
	uint16_t port[SERVERS];
	int silent; /* a socket that listens, and nobody accepts */
} it;

/* ---- The server ---------------------------------------------------------------- */

static const char make[] =
    "set -e\n"
    "key() { openssl genpkey -algorithm EC -pkeyopt"
    " ec_paramgen_curve:P-256 -out $1.key\n"
    "  openssl req -new -key $1.key -subj /CN=$1 -out $1.req; }\n"
    "cert() { # name, host names\n"
    "  key $1; printf 'subjectAltName=%s\\n' $2 >$1.ext\n"
    "  openssl x509 -req -in $1.req -CA root.pem -CAkey root.key"
    " -CAcreateserial -extfile $1.ext -days 2 -out $1.pem; }\n"
    "cert good DNS:www.example.jp,DNS:u.example.jp\n"
    "cert other DNS:www.elsewhere.test\n"
    "key ended; : >index.txt; echo 77 >serial\n"
    "printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index.txt\\n"
    "new_certs_dir=.\\nserial=serial\\ndefault_md=sha256\\npolicy=p\\n"
    "x509_extensions=e\\n[p]\\ncommonName=supplied\\n"
    "[e]\\nsubjectAltName=DNS:www.example.jp\\n' >ca.conf\n"
    "openssl ca -batch -config ca.conf -cert root.pem -keyfile root.key"
    " -in ended.req -startdate 20200101000000Z -enddate 20200201000000Z"
    " -notext -out ended.pem\n"
    "mkdir -p static/aaaaaaaaaaaaaaaaaaaaaaaaaa\n"
    "echo page >static/aaaaaaaaaaaaaaaaaaaaaaaaaa/index.html\n"
    "echo page >static/file\n"
    "nginx -p \"$PWD\" -c \"$PWD\"/nginx.conf\n";

static const char config[] =
    "user root; worker_processes 1; pid nginx.pid; error_log error.log;\n"
    "events { worker_connections 64; }\n"
    "http { access_log off; server_tokens off;\n"
    "server { listen 127.0.0.1:%u ssl; root .;\n"
    " ssl_certificate good.pem; ssl_certificate_key good.key;\n"
    " location = /a { return 200 page; }\n"
    " location = /moved { return 302 https://www.example.jp/a; }\n"
    " location = /slow { proxy_pass http://127.0.0.1:%u;"
    " proxy_read_timeout 1s; }\n"
    " location /u/ { if ($request_method = POST) { return 200 done; }"
    " return 200 page; }\n"
    " location /same/ { return 200 page; }\n"
    " location /leads/ { if ($request_method = POST) { return 303 /a; }"
    " return 200 page; }\n"
    " location /empty/ { return 204; } }\n"
    "server { listen 127.0.0.1:%u ssl; ssl_certificate ended.pem;"
    " ssl_certificate_key ended.key; }\n"
    "server { listen 127.0.0.1:%u ssl; ssl_certificate other.pem;"
    " ssl_certificate_key other.key; } }\n";

static uint16_t
listen_silently(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof at;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	it.silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(it.silent >= 0);
	assert_int_equal(bind(it.silent, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(it.silent, 8), 0);
	assert_int_equal(
	    getsockname(it.silent, (struct sockaddr *)&at, &len), 0);
	return ntohs(at.sin_port);
}

static int
start(void **state)
{
	struct buf text = BUF_INIT, log = BUF_INIT;
	uint16_t silent = listen_silently();
	char root[100];

	(void)state;
	for (int i = 0; i < SERVERS; i++)
		it.port[i] = free_port();
	certs_begin(&it.certs);
	buf_printf(&text, config, it.port[GOOD], silent, it.port[EXPIRED],
	    it.port[OTHER]);
	certs_write(&it.certs, "nginx.conf", buf_span(&text));
	if (certs_run(&it.certs, make) != 0) {
		certs_read(&it.certs, "log", &log);
		fail_msg("nginx does not start: %s", log.ptr);
	}
	snprintf(root, sizeof root, "%s/root.pem", it.certs.dir);
	setenv("SSL_CERT_FILE", root, 1);
	buf_done(&text);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	unsetenv("SSL_CERT_FILE");
	certs_run(&it.certs, "kill \"$(cat nginx.pid)\"\n"
			     "while [ -e nginx.pid ]; do sleep 0.05; done\n");
	close(it.silent);
	certs_end(&it.certs);
	return 0;
}

/* ---- A stage in front of it ------------------------------------------------------- */

struct scene {
	struct stage stage;
	struct review *review;
	struct inputs inputs;
	struct fake_wires wires;
	struct check_run run;
};

static void
begin(struct scene *scene, int server, const char *base)
{
	struct err err = {0};

	memset(scene, 0, sizeof *scene);
	stage_open(&scene->stage, &(struct stage_params){.recipients = 2});
	fake_wires_init(&scene->wires);
	fake_wires_add(&scene->wires, "www.example.jp", 443, it.port[server]);
	fake_wires_add(&scene->wires, "u.example.jp", 443, it.port[server]);
	scene->stage.world.dialler = &scene->wires.base;
	if (base)
		assert_ok(setting_write(scene->stage.store,
			      "unsubscribe.base_url", span_of(base), &err),
		    &err);
	assert_ok(review_open(scene->stage.store, &scene->stage.world,
		      scene->stage.campaign, &scene->review, &err),
	    &err);
	assert_ok(inputs_read(scene->stage.store, scene->review->db,
		      scene->stage.campaign, &scene->inputs, &err),
	    &err);
	scene->run = (struct check_run){.review = scene->review,
	    .inputs = &scene->inputs,
	    .db = scene->review->db};
}

static void
end(struct scene *scene)
{
	inputs_done(&scene->inputs);
	review_free(&scene->review);
	stage_close(&scene->stage);
}

static void
add_link(struct scene *scene, const char *url)
{
	struct extracts *found = extracts_new();
	struct db *db = NULL;
	struct err err = {0};

	extracts_add(found, EXTRACT_LINK, span_of(url), 1);
	assert_ok(
	    store_begin(scene->stage.store, STORE_WAIT_LONG, "test", &db, &err),
	    &err);
	assert_ok(extracts_write(db, scene->stage.campaign, found, &err), &err);
	assert_ok(store_commit(scene->stage.store, &db, &err), &err);
	extracts_free(&found);
}

static void
assert_line(struct scene *scene, enum check_id line, enum check_state state,
    const char *what, const char *value)
{
	const struct check_result *result = &scene->review->result[line];

	if (result->state != state ||
	    strcmp(err_find(&result->why, "what"), what) ||
	    !strstr(err_find(&result->why, "value"), value))
		fail_msg("%s: %d %s %s", result->check->id, result->state,
		    err_find(&result->why, "what"),
		    err_find(&result->why, "value"));
}

/* ---- LK-03 --------------------------------------------------------------------------- */

static const struct {
	const char *url;
	int server;
	enum check_state state;
	const char *what, *value;
} links[] = {
    {"https://www.example.jp/a", GOOD, CHECK_PASS, "", ""},
    {"https://www.example.jp/moved", GOOD, CHECK_PASS, "", ""},
    {"https://www.example.jp/static/file", GOOD, CHECK_PASS, "", ""},
    {"https://www.example.jp/none", GOOD, CHECK_FAIL, "link_status", "404 "},
    {"https://www.example.jp/slow", GOOD, CHECK_FAIL, "link_status", "504 "},
    {"https://www.example.jp/a", EXPIRED, CHECK_FAIL, "link_tls", "expired"},
    {"https://www.example.jp/a", OTHER, CHECK_FAIL, "link_tls", "mismatch"},
};

static void
pages_of_nginx(void **state)
{
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		struct scene scene;

		begin(&scene, links[i].server, NULL);
		add_link(&scene, links[i].url);
		assert_ok(check_link_targets(&scene.run, &err), &err);
		assert_line(&scene, LK_03, links[i].state, links[i].what,
		    links[i].value);
		end(&scene);
	}
}

/* ---- LK-05 --------------------------------------------------------------------------- */

static const struct {
	const char *base;
	int server;
	enum check_state state;
	const char *what;
} ways[] = {
    {"https://u.example.jp/u", GOOD, CHECK_PASS, ""},
    {"https://u.example.jp/same", GOOD, CHECK_FAIL, "way_same"},
    {"https://u.example.jp/leads", GOOD, CHECK_FAIL, "way_redirect"},
    {"https://u.example.jp/empty", GOOD, CHECK_FAIL, "way_page"},
    {"https://u.example.jp/none", GOOD, CHECK_FAIL, "way_get"},
    /* a folder without its slash is redirected; files refuse POST */
    {"https://u.example.jp/static", GOOD, CHECK_FAIL, "way_get"},
    {"https://u.example.jp/static/file?t=", GOOD, CHECK_FAIL, "way_post"},
    {"https://u.example.jp/u", OTHER, CHECK_FAIL, "link_tls"},
};

static void
ways_out_of_nginx(void **state)
{
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct scene scene;

		begin(&scene, ways[i].server, ways[i].base);
		assert_ok(check_opt_out(&scene.run, &err), &err);
		assert_line(&scene, LK_05, ways[i].state, ways[i].what, "");
		end(&scene);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pages_of_nginx),
	    cmocka_unit_test(ways_out_of_nginx),
	};

	if (access("/usr/sbin/nginx", X_OK) < 0) {
		printf("SKIP links_nginx: nginx is not installed "
		       "(apt-get install nginx)\n");
		return getenv("CI") != NULL;
	}
	return cmocka_run_group_tests(tests, start, stop);
}
