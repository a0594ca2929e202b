/* "sekisho evidence" in a shell: a pack is made by the real program, checked by
 * it and by stock tools with the commands of docs/evidence.md as they stand
 * there; what was changed is found; who may not is refused. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/report/report.h"
#include "tests/fake/approving.h"
#include "tests/fake/desk_stage.h"
#include "tests/fake/tempstore.h"

enum {
	PEOPLE = 7,
	PACK_LIMIT = 4 * 1024 * 1024,
	DOC_LIMIT = 64 * 1024,
	JIRO = 1002
};

/* ---- A campaign that was sent ---------------------------------------------------- */

static void
deliver(struct stage *stage)
{
	struct clearance *clearance = stage_clearance(stage);
	struct run_plan plan = {.sessions = 1};
	struct run *run = NULL;
	struct err err = {0};

	assert_ok(run_start(&clearance, &stage->world, stage->store, &plan,
		      &run, &err),
	    &err);
	while (run_wait(run, 100) != 1)
		;
	run_free(&run);
}

/* Whoever runs the program has one role; somebody else is administrator. */
static void
take_role(struct desk_stage *it, unsigned role)
{
	struct person person = {.roles = role};
	struct err err = {0};

	desk_stage_take(it);
	span_text(person.login, sizeof person.login, span_of(it->desk.user));
	stepup_grant(it->stage.store, STEPUP_POLICY);
	assert_ok(person_save(it->stage.store, &person, NULL, &err), &err);
	store_close(&it->stage.store);
}

/* Checked, approved by a second person, delivered. */
static void
open_sent(struct desk_stage *it, const char *language)
{
	static const struct stage_params params = {
	    .recipients = PEOPLE, .class = CLASS_AD, .manners = PRACTICE_PLAIN};

	struct approving jiro;
	struct err err = {0};

	desk_stage_open(it, &params, language);
	assert_ok(setting_write(
		      it->stage.store, "approval.when", SPAN("always"), &err),
	    &err);
	stage_seal(&it->stage);
	approving_open(&jiro, it->stage.store, "jiro", JIRO);
	approving_approve(&jiro, &it->stage);
	deliver(&it->stage);
	approving_close(&jiro);
	take_role(it, PERSON_OPERATOR);
}

/* ---- The verb ---------------------------------------------------------------------- */

static int
ended_with(struct desk *desk)
{
	int status = pty_wait_end(desk->pty);

	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
make(struct desk *desk, const char *campaign, const char *out,
    const char *purpose)
{
	const char *words[] = {"evidence", campaign, "--out", out,
	    purpose ? "--purpose" : NULL, purpose, NULL};

	desk_verb(desk, words);
	desk_wait(desk, "Passphrase of the store: ");
	pty_send(desk->pty, TEMPSTORE_PASSPHRASE "\r", 0);
	return ended_with(desk);
}

static int
verify(struct desk *desk, const char *path)
{
	const char *words[] = {"evidence", "--verify", path, NULL};

	desk_verb(desk, words);
	return ended_with(desk);
}

static void
read_pack(const char *path, struct buf *out)
{
	struct err err = {0};

	buf_clear(out);
	assert_ok(file_read(path, PACK_LIMIT, out, &err), &err);
}

/* The file alone, for its owner alone. */
static void
assert_written(const char *path)
{
	struct buf fresh = BUF_INIT;
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	buf_printf(&fresh, "%s.new", path);
	assert_int_not_equal(access(fresh.ptr, F_OK), 0);
	buf_done(&fresh);
}

static void
assert_not_written(const char *path)
{
	struct buf fresh = BUF_INIT;

	buf_printf(&fresh, "%s.new", path);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_not_equal(access(fresh.ptr, F_OK), 0);
	buf_done(&fresh);
}

static void
it_makes_and_verifies(const char *language)
{
	struct desk_stage it;
	struct desk *desk = &it.desk;
	struct buf pack = BUF_INIT;
	const char *path;

	open_sent(&it, language);
	path = desk_path(desk, "pack.tar");
	assert_int_equal(make(desk, "1", path, NULL), 0);
	desk_wait(desk, "Written to %s.");
	pty_wait_prose(desk->pty, path);
	assert_false(pty_shows(desk->pty, TEMPSTORE_PASSPHRASE));
	assert_written(path);
	read_pack(path, &pack);
	assert_int_equal(
	    span_search(buf_span(&pack), SPAN("user0000")), pack.len);
	assert_int_equal(verify(desk, path), 0);
	desk_wait(desk, "The pack is whole. Compare its key with the one you "
			"were told.");

	path = desk_path(desk, "full.tar");
	assert_int_equal(make(desk, "1", path, "the authority asks"), 0);
	read_pack(path, &pack);
	assert_true(span_search(buf_span(&pack), SPAN("user00001@example.jp")) <
		    pack.len);
	desk_stage_take(&it);
	assert_int_equal(
	    stage_number(&it.stage, "SELECT count(*) FROM audit"
				    " WHERE what = 'evidence.make'"),
	    2);
	buf_done(&pack);
	desk_stage_close(&it);
}

static void
made_en(void **state)
{
	(void)state;
	it_makes_and_verifies("en");
}

static void
made_ja(void **state)
{
	(void)state;
	it_makes_and_verifies("ja");
}

/* ---- Stock tools -------------------------------------------------------------------- */

/* What stands between ``` under the heading of the document. */
static void
read_commands(struct buf *out)
{
	struct buf doc = BUF_INIT;
	struct span rest, block;
	struct err err = {0};

	assert_ok(file_read("docs/evidence.md", DOC_LIMIT, &doc, &err), &err);
	rest = buf_span(&doc);
	rest = span_slice(
	    rest, span_search(rest, SPAN("## With stock tools")), rest.len);
	rest =
	    span_slice(rest, span_search(rest, SPAN("```sh\n")) + 6, rest.len);
	block = span_slice(rest, 0, span_search(rest, SPAN("```")));
	assert_true(block.len > 0 && block.len < rest.len);
	buf_add(out, block);
	buf_done(&doc);
}

static void
unpack(struct desk *desk, const char *path)
{
	struct buf command = BUF_INIT;

	buf_printf(&command, "cd %s; rm -rf sekisho-evidence-1; tar -xf %s",
	    desk->dir, path);
	assert_int_equal(system(command.ptr), 0);
	buf_done(&command);
}

/* Runs the document's commands in the unpacked folder, up to the first that
 * fails; their status, and what was said. */
static int
run_commands(struct desk *desk, struct buf *said)
{
	struct buf command = BUF_INIT, lines = BUF_INIT;
	struct err err = {0};
	int status;

	read_commands(&lines);
	assert_ok(file_replace(desk_path(desk, "commands"), buf_span(&lines),
		      0600, &err),
	    &err);
	buf_printf(&command,
	    "cd %s/sekisho-evidence-1 && sh -ex ../commands >../said 2>&1",
	    desk->dir);
	status = system(command.ptr);
	buf_clear(said);
	assert_ok(
	    file_read(desk_path(desk, "said"), DOC_LIMIT, said, &err), &err);
	buf_done(&command);
	buf_done(&lines);
	return status;
}

/* Changes an octet of a member's content, in the archive. */
static void
flip(const char *path, const char *member, struct buf *pack)
{
	struct buf name = BUF_INIT;
	struct err err = {0};
	size_t at;

	read_pack(path, pack);
	buf_printf(&name, "sekisho-evidence-1/%s", member);
	buf_char(&name, '\0');
	at = span_search(buf_span(pack), buf_span(&name)) + 512;
	assert_true(at < pack->len);
	pack->ptr[at] ^= 1;
	assert_ok(file_replace(path, buf_span(pack), 0600, &err), &err);
	buf_done(&name);
}

static void
stock_tools_agree(void **state)
{
	static const char *const members[] = {"campaign.txt", "manifest.txt",
	    "checklist.csv", "approvals/1.txt", "ledger.csv", "leaves.txt",
	    "audit.jsonl", "head.txt"};
	struct buf said = BUF_INIT, pack = BUF_INIT;
	struct desk_stage it;
	struct desk *desk = &it.desk;
	const char *path;

	(void)state;
	open_sent(&it, "en");
	path = desk_path(desk, "pack.tar");
	assert_int_equal(make(desk, "1", path, NULL), 0);
	unpack(desk, path);
	if (run_commands(desk, &said) != 0)
		fail_msg("%s", said.ptr);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		struct buf found = BUF_INIT;

		buf_printf(&found, "%s: FAILED", members[i]);
		flip(path, members[i], &pack);
		assert_int_equal(verify(desk, path), 1);
		pty_wait_prose(desk->pty, members[i]);
		unpack(desk, path);
		assert_int_not_equal(run_commands(desk, &said), 0);
		assert_true(
		    span_search(buf_span(&said), buf_span(&found)) < said.len);
		flip(path, members[i], &pack);
		buf_done(&found);
	}
	assert_int_equal(verify(desk, path), 0);
	buf_done(&said);
	buf_done(&pack);
	desk_stage_close(&it);
}

/* ---- What is refused ------------------------------------------------------------------ */

static void
words_that_are_none(void **state)
{
	static const char *const words[][4] = {{"evidence", NULL},
	    {"evidence", "seven", NULL}, {"evidence", "1", "2", NULL},
	    {"evidence", "--verify", NULL}, {"evidence", "-1", NULL}};
	struct desk desk;

	(void)state;
	desk_open(&desk, "en");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		desk_verb(&desk, words[i]);
		assert_int_equal(ended_with(&desk), 2);
	}
	desk_close(&desk);
}

static void
told_why(const char *language)
{
	struct desk_stage it;
	struct desk *desk = &it.desk;
	struct buf before = BUF_INIT, after = BUF_INIT;
	const char *path;

	open_sent(&it, language);
	path = desk_path(desk, "pack.tar");
	assert_int_equal(make(desk, "99", path, NULL), 1);
	desk_wait(desk,
	    "Campaign %{id} is gone. Go back to the list and look again.");
	assert_not_written(path);
	desk_put(desk, "pack.tar", 0644, "something else\n");
	read_pack(path, &before);
	assert_int_equal(make(desk, "1", path, NULL), 1);
	desk_wait(desk, "The file %{path} is there already and was left as it "
			"is. Choose another name.");
	read_pack(path, &after);
	assert_true(span_equal(buf_span(&before), buf_span(&after)));
	assert_int_equal(verify(desk, path), 1);
	assert_int_equal(
	    make(desk, "1", desk_path(desk, "no/where.tar"), NULL), 1);
	assert_int_equal(verify(desk, desk_path(desk, "none.tar")), 1);
	/* while the program has the store */
	desk_stage_come_in(desk);
	{
		struct desk second = *desk;

		second.pty = NULL;
		path = desk_path(desk, "second.tar");
		assert_int_equal(make(&second, "1", path, NULL), 1);
		assert_not_written(path);
		pty_free(&second.pty);
	}
	desk_leave(desk);
	buf_done(&before);
	buf_done(&after);
	desk_stage_close(&it);
}

static void
told_en(void **state)
{
	(void)state;
	told_why("en");
}

static void
told_ja(void **state)
{
	(void)state;
	told_why("ja");
}

static void
each_role(void **state)
{
	struct desk_stage it;
	struct desk *desk = &it.desk;

	(void)state;
	open_sent(&it, "en");
	for (int i = 0; i < PERSON_ROLES; i++) {
		unsigned role = 1u << i;
		bool may = permission_roles(MAY_EVIDENCE_MAKE) & role;
		bool sees = permission_roles(MAY_PERSONAL_VIEW) & role;
		char name[2][24];

		snprintf(name[0], sizeof name[0], "pack-%u.tar", role);
		snprintf(name[1], sizeof name[1], "full-%u.tar", role);
		take_role(&it, role);
		assert_int_equal(
		    make(desk, "1", desk_path(desk, name[0]), NULL), !may);
		assert_int_equal(
		    make(desk, "1", desk_path(desk, name[1]), "they asked"),
		    !(may && sees));
		if (!may) {
			desk_wait(desk,
			    "%{login} may not do this: it takes the "
			    "permission %{permission}, which no "
			    "role of this person holds. An "
			    "administrator gives roles in Setup, "
			    "People.");
			assert_not_written(desk_path(desk, name[0]));
		}
		if (!may || !sees)
			assert_not_written(desk_path(desk, name[1]));
	}
	desk_stage_close(&it);
}

/* A file system of three pages. */
static void
the_disk_is_full(void **state)
{
	struct desk_stage it;
	struct desk *desk = &it.desk;
	const char *full;

	(void)state;
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		print_message("needs a mount namespace of its own "
			      "(unshare -m)\n");
		skip();
	}
	open_sent(&it, "en");
	full = desk_path(desk, "full");
	assert_int_equal(mkdir(full, 0700), 0);
	assert_int_equal(mount("none", full, "tmpfs", 0, "size=12k"), 0);
	assert_int_equal(
	    make(desk, "1", desk_path(desk, "full/pack.tar"), NULL), 1);
	desk_wait(desk, "The disk of %{path} is full. Nothing was changed; "
			"make room and try again.");
	assert_not_written(desk_path(desk, "full/pack.tar"));
	assert_int_equal(make(desk, "1", desk_path(desk, "pack.tar"), NULL), 0);
	assert_int_equal(umount(full), 0);
	desk_stage_close(&it);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(made_en),
	    cmocka_unit_test(made_ja),
	    cmocka_unit_test(stock_tools_agree),
	    cmocka_unit_test(words_that_are_none),
	    cmocka_unit_test(told_en),
	    cmocka_unit_test(told_ja),
	    cmocka_unit_test(each_role),
	    cmocka_unit_test(the_disk_is_full),
	};
	const char *missing = desk_missing();

	if (missing) {
		printf("SKIP the evidence: %s\n", missing);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
