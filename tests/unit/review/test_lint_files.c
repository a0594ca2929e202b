/* Everybody has their own files and no others: what blocks, what asks. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "core/review/jobs.h"
#include "core/review/lint_files.h"
#include "tests/fake/stage.h"
#include "tests/fake/tempstore.h"
#include "tests/unit/unit.h"

#define PDF "%PDF-1.4\n"

static const struct stage_params three = {
    .recipients = 3, .class = CLASS_TX, .manners = PRACTICE_PLAIN};

struct scene {
	struct stage stage;
	char *dir;
	struct err err;
};

static void
make(struct scene *scene, const char *name, struct span text)
{
	struct buf path = BUF_INIT;

	buf_printf(&path, "%s/%s", scene->dir, name);
	assert_ok(file_replace(path.ptr, text, 0600, &scene->err), &scene->err);
	buf_done(&path);
}

/* Files for so many of the three, and one for nobody when extra is not 0; with
 * second in that of the second, as a text. */
static void
begin_with(struct scene *scene, int files, int extra, struct span second)
{
	bool pdf = !second.len || span_starts(second, SPAN(PDF));
	const char *suffix = pdf ? "pdf" : "txt";
	atomic_bool cancel = false;
	struct attach_progress progress = {.cancel = &cancel};
	struct attach_source source = {
	    .pattern =
		pdf ? SPAN("f-{{address}}.pdf") : SPAN("f-{{address}}.txt")};
	char name[64], text[64];

	*scene = (struct scene){.dir = tempdir_new()};
	stage_open(&scene->stage, &three);
	/* addresses at the sender's own domain may stand anywhere */
	stage_sql(&scene->stage,
	    "UPDATE contact SET address = replace(address, '.jp', '.net'),"
	    " canon = replace(canon, '.jp', '.net')");
	for (int i = 1; i <= files; i++) {
		snprintf(
		    name, sizeof name, "f-user%05d@example.net.%s", i, suffix);
		snprintf(text, sizeof text, "%s%d", pdf ? PDF : "No. ", i);
		make(
		    scene, name, second.len && i == 2 ? second : span_of(text));
	}
	if (extra)
		make(scene, "f-nobody@example.net.pdf", SPAN(PDF "x"));
	source.folder = scene->dir;
	assert_ok(attach_add_set(scene->stage.store, scene->stage.campaign,
		      &source, &progress, &scene->err),
	    &scene->err);
}

static void
begin(struct scene *scene, int files, int extra)
{
	begin_with(scene, files, extra, SPAN(""));
}

static void
end(struct scene *scene)
{
	stage_close(&scene->stage);
	tempdir_remove(&scene->dir);
}

/* State of a check after a proof; *why gets its first fault. */
static enum check_state
state_of(struct scene *scene, const char *id, struct err *why)
{
	enum check_state state = CHECK_PENDING;
	const struct check_result *all;
	struct review *review = NULL;
	size_t count;

	assert_ok(review_open(scene->stage.store, &scene->stage.world,
		      scene->stage.campaign, &review, &scene->err),
	    &scene->err);
	assert_ok(checklist_run(review, &scene->err), &scene->err);
	all = review_results(review, &count);
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(all[i].check->id, id)) {
			state = all[i].state;
			*why = all[i].why;
		}
	}
	review_free(&review);
	return state;
}

static void
all_have_their_files(void **state)
{
	struct scene scene;
	struct err why;

	(void)state;
	begin(&scene, 3, 0);
	assert_int_equal(state_of(&scene, "CM-10", &why), CHECK_PASS);
	assert_int_equal(state_of(&scene, "CM-10W", &why), CHECK_PASS);
	end(&scene);
}

static void
one_without_a_file_blocks(void **state)
{
	struct scene scene;
	struct err why;

	(void)state;
	begin(&scene, 2, 0);
	assert_int_equal(state_of(&scene, "CM-10", &why), CHECK_FAIL);
	assert_int_equal(why.code, E_ATTACH_NONE);
	assert_string_equal(
	    err_find(&why, "key"), "f-user00003@example.net.pdf");
	end(&scene);
}

static void
changed_octets_block(void **state)
{
	struct scene scene;
	struct err why;

	(void)state;
	begin(&scene, 3, 0);
	stage_sql(&scene.stage, "UPDATE blob SET bytes = x'25504446'"
				" WHERE rowid = 2");
	assert_int_equal(state_of(&scene, "CM-10", &why), CHECK_FAIL);
	assert_int_equal(why.code, E_ATTACH_DIGEST);
	end(&scene);
}

static void
a_file_for_nobody_asks(void **state)
{
	struct scene scene;
	struct err why;

	(void)state;
	begin(&scene, 3, 1);
	assert_int_equal(state_of(&scene, "CM-10", &why), CHECK_PASS);
	assert_int_equal(state_of(&scene, "CM-10W", &why), CHECK_FAIL);
	assert_string_equal(
	    err_find(&why, "value"), "f-nobody@example.net.pdf");
	end(&scene);
}

/* What stands in the file of the second recipient. */
static const struct {
	const char *bytes;
	size_t len;
	enum check_state personal, doubt;
} contents[] = {
#define CONTENT(text, ...) {text, sizeof text - 1, __VA_ARGS__}
    CONTENT("for user00002@example.net\n", CHECK_PASS, CHECK_PASS),
    CONTENT("for user00001@example.net\n", CHECK_FAIL, CHECK_PASS),
    CONTENT("\xef\xbb\xbfno,mail\r\n1,USER00003@example.net\r\n", CHECK_FAIL,
	CHECK_PASS),
    /* CP932: 宛先 */
    CONTENT("\x88\xb6\x90\xe6 user00001@example.net", CHECK_FAIL, CHECK_PASS),
    /* what no machine here can read */
    CONTENT(PDF "\0 user00001@example.net", CHECK_PASS, CHECK_FAIL),
    CONTENT(PDF "\x80\xff\xfe", CHECK_PASS, CHECK_FAIL),
#undef CONTENT
};

static void
somebody_elses_data_in_a_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
		struct scene scene;
		struct err why;

		begin_with(&scene, 3, 0,
		    span_make(contents[i].bytes, contents[i].len));
		assert_int_equal(
		    state_of(&scene, "CM-03", &why), contents[i].personal);
		if (contents[i].personal == CHECK_FAIL)
			assert_string_equal(
			    err_find(&why, "what"), "foreign_file");
		assert_int_equal(
		    state_of(&scene, "CM-10W", &why), contents[i].doubt);
		end(&scene);
	}
}

/* Files that are as they should be do not hide what messages lack. */
static void
an_image_without_words_asks(void **state)
{
	struct tally tally = {0};
	struct check_run run = {.tally = &tally};
	struct inputs inputs;
	struct scene scene = {.dir = NULL};

	(void)state;
	stage_open(&scene.stage, &three);
	assert_ok(review_open(scene.stage.store, &scene.stage.world,
		      scene.stage.campaign, &run.review, &scene.err),
	    &scene.err);
	run.db = run.review->db;
	assert_ok(inputs_read(scene.stage.store, run.db, scene.stage.campaign,
		      &inputs, &scene.err),
	    &scene.err);
	run.inputs = &inputs;
	for (int bare = 0; bare < 2; bare++) {
		const struct check_result *result = &run.review->result[CM_10W];

		if (bare)
			tally_add(&tally, CM_10W, 1, "alt", SPAN(""));
		assert_ok(check_files(&run, &scene.err), &scene.err);
		assert_int_equal(result->state, bare ? CHECK_FAIL : CHECK_PASS);
		assert_int_equal(result->count, bare);
	}
	inputs_done(&inputs);
	review_free(&run.review);
	stage_close(&scene.stage);
}

/* The message of one recipient, looked at as if it went to another. */
static void
a_file_of_another_is_found(void **state)
{
	const struct recipient first = {.seq = 1,
	    .address = SPAN("user00001@example.net"),
	    .name = SPAN("n"),
	    .fields = SPAN("{\"会員番号\":\"1\"}")};
	struct recipient second = first;
	struct campaign campaign = CAMPAIGN_INIT;
	struct assembler *assembler = NULL;
	struct template *template = NULL;
	struct lint_files *files = NULL;
	struct message message;
	struct tally tally = {.octets_max = 0};
	struct db *db = NULL;
	struct scene scene;
	struct err *err = &scene.err;

	(void)state;
	begin(&scene, 3, 0);
	second.address = SPAN("user00002@example.net");
	assert_ok(store_reader_open(scene.stage.store, &db, err), err);
	assert_ok(campaign_read(db, scene.stage.campaign, &campaign, err), err);
	assert_ok(
	    template_compile(scene.stage.store, db, &campaign, &template, err),
	    err);
	assert_ok(assembler_new(scene.stage.store, db, template,
		      ASSEMBLE_UNSIGNED, &assembler, err),
	    err);
	assert_ok(lint_files_new(scene.stage.store, scene.stage.campaign, NULL,
		      &files, err),
	    err);
	assert_ok(assemble_message(assembler, &first, 1, &message, err), err);
	lint_files(files, &first, &message, &tally);
	assert_int_equal(tally.count[CM_10], 0);
	lint_files(files, &second, &message, &tally);
	assert_int_equal(tally.count[CM_10], 1);
	assert_string_equal(
	    err_find(&tally.first[CM_10], "what"), "file_other");
	/* and one more or less than there should be */
	message.file_count = 0;
	lint_files(files, &first, &message, &tally);
	assert_int_equal(tally.count[CM_10], 2);
	lint_files_free(&files);
	assembler_free(&assembler);
	template_free(&template);
	campaign_done(&campaign);
	store_reader_close(&db);
	end(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_have_their_files),
	    cmocka_unit_test(one_without_a_file_blocks),
	    cmocka_unit_test(changed_octets_block),
	    cmocka_unit_test(a_file_for_nobody_asks),
	    cmocka_unit_test(somebody_elses_data_in_a_file),
	    cmocka_unit_test(an_image_without_words_asks),
	    cmocka_unit_test(a_file_of_another_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
