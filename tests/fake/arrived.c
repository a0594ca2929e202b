/* See arrived.h. */
#include "tests/fake/arrived.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "core/compose/compose.h"
#include "core/mail/parse.h"
#include "tests/unit/unit.h"

enum { MAIL_MAX = 1 << 20, CODE_LEN = 6 };

static struct span
field(
    const struct parse_message *message, const char *name, struct arena *arena)
{
	const struct parse_field *found =
	    parse_find(&message->part[0].header, name);
	struct buf text = BUF_INIT;
	struct span kept;

	if (found)
		parse_words(found->value, &text);
	kept = arena_copy(arena, buf_span(&text));
	buf_done(&text);
	return kept;
}

static struct span
part(const struct parse_message *message, const char *type, struct arena *arena)
{
	struct buf text = BUF_INIT;
	struct err err = {0};
	struct span kept;

	for (size_t i = 0; i < message->part_count && !text.len; i++) {
		if (span_equal_nocase(message->part[i].type, span_of(type)))
			assert_ok(
			    parse_body(&message->part[i], &text, &err), &err);
	}
	kept = arena_copy(arena, buf_span(&text));
	buf_done(&text);
	return kept;
}

static void
take(struct arrived *arrived, struct span bytes)
{
	struct parse_message message;
	struct err err = {0};

	assert_ok(parse_message(bytes, arrived->arena, &message, &err), &err);
	arrived->mail = mem_grow(
	    arrived->mail, (arrived->count + 1) * sizeof *arrived->mail);
	arrived->mail[arrived->count++] = (struct arrived_mail){
	    .message_id = field(&message, "Message-ID", arrived->arena),
	    .to = field(&message, "To", arrived->arena),
	    .subject = field(&message, "Subject", arrived->arena),
	    .unsubscribe = field(&message, "List-Unsubscribe", arrived->arena),
	    .plain = part(&message, "text/plain", arrived->arena),
	    .html = part(&message, "text/html", arrived->arena),
	};
}

void
arrived_read(struct arrived *arrived, const char *folder)
{
	struct buf path = BUF_INIT, mail = BUF_INIT;
	DIR *dir = opendir(folder);
	struct dirent *entry;
	struct err err = {0};

	*arrived = (struct arrived){.arena = arena_new()};
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		buf_clear(&path);
		buf_clear(&mail);
		buf_printf(&path, "%s/%s", folder, entry->d_name);
		assert_ok(file_read(path.ptr, MAIL_MAX, &mail, &err), &err);
		take(arrived, buf_span(&mail));
	}
	closedir(dir);
	buf_done(&path);
	buf_done(&mail);
}

void
arrived_done(struct arrived *arrived)
{
	arena_free(&arrived->arena);
	free(arrived->mail);
}

static struct span
without_brackets(struct span id)
{
	return span_starts(id, SPAN("<")) ? span_slice(id, 1, id.len - 1) : id;
}

const struct arrived_mail *
arrived_find(
    const struct arrived *arrived, struct span message_id, size_t *times)
{
	const struct arrived_mail *found = NULL;
	size_t count = 0;

	for (size_t i = 0; i < arrived->count; i++) {
		if (span_equal(without_brackets(arrived->mail[i].message_id),
			without_brackets(message_id))) {
			found = &arrived->mail[i];
			count++;
		}
	}
	if (times)
		*times = count;
	return found;
}

/* ---- Test mail ---------------------------------------------------------------- */

/* The six signs behind one of two labels. */
static bool
code_behind(struct span part, const char *english, const char *japanese,
    char out[CODE_LEN + 1])
{
	const char *const labels[] = {english, japanese};

	for (int i = 0; i < 2; i++) {
		struct span label = span_of(labels[i]);
		size_t at = span_search(part, label);

		if (at + label.len + CODE_LEN > part.len)
			continue;
		span_text(out, CODE_LEN + 1,
		    span_slice(part, at + label.len, part.len));
		return true;
	}
	return false;
}

bool
arrived_codes(const struct arrived_mail *mail, char out[ARRIVED_CODES_ROOM])
{
	char text[CODE_LEN + 1], html[CODE_LEN + 1];

	if (!code_behind(mail->plain, "Code of the plain text part: ",
		"テキスト部分のコード：", text) ||
	    !code_behind(mail->html,
		"Code of the HTML part: ", "HTML部分のコード：", html))
		return false;
	snprintf(out, ARRIVED_CODES_ROOM, "%s %s", text, html);
	return true;
}

const struct arrived_mail *
arrived_test(const struct arrived *arrived, const char *address)
{
	const struct arrived_mail *found = NULL;
	char codes[ARRIVED_CODES_ROOM];

	for (size_t i = 0; i < arrived->count; i++) {
		const struct arrived_mail *mail = &arrived->mail[i];

		if (span_search(mail->to, span_of(address)) < mail->to.len &&
		    arrived_codes(mail, codes))
			found = mail;
	}
	return found;
}

/* ---- Signatures --------------------------------------------------------------- */

static const char verifier[] =
    "import dkim, os, sys\n"
    "record = open(sys.argv[2], 'rb').read()\n"
    "dns = lambda name, timeout=5: record\n"
    "bad = 0\n"
    "names = os.listdir(sys.argv[1])\n"
    "for n in names:\n"
    "    m = open(os.path.join(sys.argv[1], n), 'rb').read()\n"
    "    bad += not dkim.verify(m, dnsfunc=dns)\n"
    "print(len(names), bad)\n";

static void
write_record(struct store *store, const char *path)
{
	struct buf name = BUF_INIT, record = BUF_INIT;
	struct dkim_info *keys = NULL;
	struct db *db = NULL;
	struct err err = {0};
	size_t count = 0;

	assert_ok(store_reader_open(store, &db, &err), &err);
	assert_ok(dkim_all(db, &keys, &count, &err), &err);
	assert_int_equal(count, 1);
	assert_ok(dkim_dns_record(db, keys[0].id, &name, &record, &err), &err);
	store_reader_close(&db);
	assert_ok(file_replace(path, buf_span(&record), 0600, &err), &err);
	free(keys);
	buf_done(&record);
	buf_done(&name);
}

void
arrived_verify(
    struct store *store, const char *folder, const char *dir, int count)
{
	struct buf record = BUF_INIT, program = BUF_INIT, command = BUF_INIT;
	struct err err = {0};
	char line[64] = "", want[64];
	FILE *out;

	buf_printf(&record, "%s/dkim-record", dir);
	buf_printf(&program, "%s/verify.py", dir);
	write_record(store, record.ptr);
	assert_ok(file_replace(program.ptr, SPAN(verifier), 0600, &err), &err);
	buf_printf(&command, "/usr/bin/python3 %s %s %s", program.ptr, folder,
	    record.ptr);
	out = popen(command.ptr, "r");
	assert_non_null(out);
	assert_non_null(fgets(line, sizeof line, out));
	pclose(out);
	snprintf(want, sizeof want, "%d 0\n", count);
	assert_string_equal(line, want);
	buf_done(&command);
	buf_done(&program);
	buf_done(&record);
}
