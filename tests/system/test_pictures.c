/* Every mail theme, with a text that holds every construct of Markdown, made by
 * the same code as a delivery and shown in headless Chromium: pictures.py
 * measures the pages and keeps pictures of them in build/pictures. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/compose/compose.h"
#include "tests/fake/stage.h"

enum { PAGE_MAX = 1024 * 1024 };

extern char **environ;

static const char pictures[] = BUILD_DIR "/pictures";

static const struct recipient taro = {
    .seq = 3,
    .address = SPAN("taro@example.net"),
    .name = SPAN("山田 太郎"),
    .fields = SPAN("{\"会員番号\":\"123456\"}"),
};

static void
read_into(struct buf *out, const char *path)
{
	struct err err = {0};

	assert_ok(file_read(path, PAGE_MAX, out, &err), &err);
}

/* Writes build/pictures/THEME-SAMPLE.html. */
static void
write_page(struct stage *stage, const char *theme, const char *sample)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct db *db = NULL;
	struct template *template = NULL;
	struct assembler *assembler = NULL;
	struct message message;
	struct buf path = BUF_INIT;
	struct err err = {0};

	campaign.id = stage->campaign;
	campaign.class = CLASS_AD;
	campaign.list = stage->list.v;
	buf_text(&campaign.from_name, "例示ニュース");
	buf_text(&campaign.from_address, "news@example.jp");
	buf_text(&campaign.subject, "{{name|お客}} 様: 冬の感謝祭");
	buf_text(&campaign.preheader, "{{name|お客}} 様だけの先行ご案内です");
	buf_printf(&path, "themes/mail/%s.theme", theme);
	read_into(&campaign.theme_text, path.ptr);
	buf_clear(&path);
	buf_printf(&path, "tests/system/pictures/%s.md", sample);
	read_into(&campaign.body, path.ptr);
	assert_ok(store_reader_open(stage->store, &db, &err), &err);
	assert_ok(
	    template_compile(stage->store, db, &campaign, &template, &err),
	    &err);
	assert_ok(assembler_new(stage->store, db, template, ASSEMBLE_UNSIGNED,
		      &assembler, &err),
	    &err);
	assert_ok(assemble_message(assembler, &taro, 0, &message, &err), &err);
	store_reader_close(&db);
	buf_clear(&path);
	buf_printf(&path, "%s/%s-%s.html", pictures, theme, sample);
	assert_ok(file_replace(path.ptr, message.html, 0644, &err), &err);
	assembler_free(&assembler);
	template_free(&template);
	campaign_done(&campaign);
	buf_done(&path);
}

static size_t
write_pages(struct stage *stage)
{
	static const char *const samples[] = {"ja", "en", "ar"};
	DIR *dir = opendir("themes/mail");
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		struct span name = span_of(entry->d_name);
		char theme[64];

		if (!span_ends(name, SPAN(".theme")))
			continue;
		span_text(theme, sizeof theme,
		    span_slice(name, 0, name.len - strlen(".theme")));
		for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
			write_page(stage, theme, samples[i]);
		count++;
	}
	closedir(dir);
	return count;
}

/* The caller frees it. */
static char *
chromium(void)
{
	static const char *const places[] = {
	    "/usr/bin/chromium", "/usr/bin/chromium-browser", NULL};

	for (size_t i = 0; places[i]; i++) {
		if (access(places[i], X_OK) == 0)
			return strdup(places[i]);
	}
	return NULL;
}

static void
every_theme_can_be_read(void **state)
{
	struct stage_params params = {.recipients = 1, .class = CLASS_AD};
	char python[] = "python3", script[] = "tests/system/pictures.py";
	char *argv[] = {python, script, chromium(), strdup(pictures), NULL};
	struct stage stage;
	struct err err = {0};
	int status;
	pid_t pid;

	(void)state;
	assert_ok(file_mkdirs(pictures, 0755, &err), &err);
	stage_open(&stage, &params);
	assert_true(write_pages(&stage) >= 4);
	stage_close(&stage);
	if (!argv[2])
		fail_msg("no chromium: \"make check\" installs it");
	assert_int_equal(
	    posix_spawnp(&pid, "python3", NULL, NULL, argv, environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	free(argv[2]);
	free(argv[3]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_theme_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
