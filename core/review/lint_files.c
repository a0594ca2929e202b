/* No file of another recipient, and nobody else's data in a file.  The finished octets are taken apart by the
 * independent reader, each file in them is decoded and hashed, and whose it is
 * is asked of the store once more, not of the writer. */
#include "core/review/lint_files.h"

#include <stdlib.h>

#include "core/base/charset.h"
#include "core/base/utf8.h"
#include "core/mail/parse.h"
#include "core/review/jobs.h"
#include "core/review/personal.h"

struct lint_files {
	const struct personal *personal; /* borrowed, or NULL */
	struct personal_tools tools;
	struct db *db;
	struct arena *arena;
	struct attach_row *row;
	size_t rows;
	struct attach_pattern **pattern; /* per row; NULL: no set */
	struct buf key, bytes, text;
	bool looked; /* at the files for all */
};

int
lint_files_new(struct store *store, struct campaign_id campaign,
    const struct personal *personal, struct lint_files **out, struct err *err)
{
	struct lint_files *files = mem_new(sizeof *files);

	*out = NULL;
	files->personal = personal;
	files->arena = arena_new();
	if (store_reader_open(store, &files->db, err) < 0 ||
	    attach_all(files->db, campaign, &files->row, &files->rows, err) < 0)
		goto fail;
	files->pattern = mem_array(files->rows + 1, sizeof *files->pattern);
	for (size_t i = 0; i < files->rows; i++) {
		if (files->row[i].kind == ATTACH_EACH &&
		    attach_pattern_read(span_of(files->row[i].name),
			&files->pattern[i], err) < 0)
			goto fail;
	}
	if (files->rows > 0)
		*out = files;
	else
		lint_files_free(&files);
	return 0;
fail:
	lint_files_free(&files);
	return -1;
}

void
lint_files_free(struct lint_files **files)
{
	struct lint_files *it = *files;

	if (!it)
		return;
	for (size_t i = 0; it->pattern && i < it->rows; i++)
		attach_pattern_free(&it->pattern[i]);
	free(it->pattern);
	free(it->row);
	store_reader_close(&it->db);
	arena_free(&it->arena);
	buf_done(&it->key);
	buf_done(&it->bytes);
	buf_done(&it->text);
	personal_tools_done(&it->tools);
	free(it);
	*files = NULL;
}

/* ---- One message ---------------------------------------------------------- */

static int
digest_of(
    struct lint_files *files, const struct parse_part *part, struct digest *out)
{
	buf_clear(&files->bytes);
	if (parse_body(part, &files->bytes, NULL) < 0)
		return -1;
	crypt_sha256(buf_span(&files->bytes), out);
	return 0;
}

/* 1 when a row of all, or the recipient's file of a set, has this digest. */
static bool
is_expected(struct lint_files *files, const struct recipient *recipient,
    const struct digest *digest)
{
	const struct attach_person person = {
	    recipient->address, recipient->name, recipient->fields};

	for (size_t i = 0; i < files->rows; i++) {
		struct attach_file file;

		if (!files->pattern[i]) {
			if (digest_equal(&files->row[i].digest, digest))
				return true;
			continue;
		}
		buf_clear(&files->key);
		if (attach_pattern_fill(
			files->pattern[i], &person, &files->key, NULL) == 0 &&
		    attach_find(files->db, files->row[i].id,
			buf_span(&files->key), &file, NULL) == 0 &&
		    digest_equal(&file.digest, digest))
			return true;
	}
	return false;
}

/* The file that was just decoded, as text; false when it is none. */
static bool
text_of(struct lint_files *files, struct span *out)
{
	struct decoder *decoder = NULL;
	struct span bytes = buf_span(&files->bytes);
	bool good;

	*out = bytes;
	if (memchr(bytes.ptr, '\0', bytes.len))
		return false;
	if (utf8_is_valid(bytes))
		return true;
	if (decoder_new(CHARSET_CP932, &decoder, NULL) < 0)
		return false;
	buf_clear(&files->text);
	good = decoder_feed(decoder, bytes, &files->text, NULL) == 0 &&
	       decoder_finish(decoder, NULL) == 0;
	decoder_free(&decoder);
	*out = buf_span(&files->text);
	return good;
}

/* A file for all is nobody's own. */
static void
check_private(struct lint_files *files, enum attach_kind kind,
    const struct recipient *recipient, struct tally *tally)
{
	struct personal_owner owner = {.address = SPAN("")};
	struct span text, found;

	if (kind == ATTACH_EACH) {
		owner.address = recipient->address;
		owner.fields = recipient->fields;
	}
	if (!text_of(files, &text)) {
		tally->closed_files += kind == ATTACH_EACH;
		return;
	}
	if (!files->personal)
		return;
	found =
	    personal_search(files->personal, &owner, text, NULL, &files->tools);
	if (found.len)
		tally_add(tally, CM_03, recipient->seq, "foreign_file", found);
}

/* The parts that are files, in order; their number. */
static size_t
collect(const struct parse_message *message, const struct parse_part **part,
    size_t room)
{
	size_t count = 0;

	for (size_t i = 0; i < message->part_count && count < room; i++) {
		if (parse_find(&message->part[i].header, "Content-Disposition"))
			part[count++] = &message->part[i];
	}
	return count;
}

static void
add(struct tally *tally, int64_t seq, const char *what, struct span value)
{
	tally_add(tally, CM_10, seq, what, value);
}

void
lint_files(struct lint_files *files, const struct recipient *recipient,
    const struct message *message, struct tally *tally)
{
	const struct parse_part *part[PARSE_PARTS_MAX];
	struct parse_message parsed;
	struct err err = {0};
	size_t count;

	if (!files)
		return;
	arena_reset(files->arena);
	if (parse_message(message->bytes, files->arena, &parsed, &err) < 0) {
		tally_err(tally, CM_10, recipient->seq, &err);
		return;
	}
	count = collect(&parsed, part, PARSE_PARTS_MAX);
	if (count != message->file_count) {
		add(tally, recipient->seq, "file_count", SPAN(""));
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const struct message_file *file = &message->file[i];
		struct digest digest;

		if (file->kind != ATTACH_EACH && files->looked)
			continue;
		if (digest_of(files, part[i], &digest) < 0 ||
		    !is_expected(files, recipient, &digest))
			add(tally, recipient->seq, "file_other", file->name);
		else
			check_private(files, file->kind, recipient, tally);
	}
	files->looked = true;
}

/* ---- After the proof ------------------------------------------------------- */

/* What a person is asked about. */
struct doubts {
	int64_t files, largest; /* octets of one message's files */
	int64_t doubtful, unused, shared, closed;
	char first[ATTACH_NAME_MAX + 1]; /* named in the line */
};

static void
name_first(struct doubts *doubts, const char *name)
{
	if (!doubts->first[0])
		span_text(doubts->first, sizeof doubts->first, span_of(name));
}

static int
doubt_row(struct check_run *run, const struct attach_row *row,
    struct doubts *doubts, struct err *err)
{
	struct attach_cover cover;

	doubts->files += row->files;
	doubts->largest += attach_encoded(row->octets);
	if (row->verdict != ATTACH_GOOD) {
		doubts->doubtful++;
		name_first(doubts, row->name);
	}
	if (row->kind != ATTACH_EACH)
		return 0;
	if (attach_cover(run->db, &run->inputs->campaign, row, ATTACH_FROZEN,
		&run->review->cancel, &cover, err) < 0)
		return -1;
	doubts->unused += cover.unused;
	doubts->shared += cover.shared;
	if (cover.unused > 0)
		name_first(doubts, cover.first_unused);
	return 0;
}

int
check_files(struct check_run *run, struct err *err)
{
	enum { LARGE = 1024 * 1024 };
	const struct inputs *inputs = run->inputs;
	struct review *review = run->review;
	struct doubts doubts = {.closed = run->tally->closed_files};
	struct attach_row *row = NULL;
	size_t count = 0;
	/* images without a description, which stand in the line already */
	int64_t bare = run->tally->count[CM_10W], all;
	int rc = 0;

	if (attach_all(run->db, inputs->campaign.id, &row, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = doubt_row(run, &row[i], &doubts, err);
	free(row);
	if (rc < 0)
		return -1;
	all = bare + doubts.doubtful + doubts.unused + doubts.shared +
	      doubts.closed + (doubts.largest > LARGE) +
	      (inputs->campaign.class == CLASS_AD && doubts.files > 0);
	result_fact(review, CM_10, "files=%lld", (long long)doubts.files);
	result_fact(review, CM_10W,
	    "doubtful=%lld unused=%lld shared=%lld closed=%lld large=%d ad=%d"
	    " bare=%lld",
	    (long long)doubts.doubtful, (long long)doubts.unused,
	    (long long)doubts.shared, (long long)doubts.closed,
	    doubts.largest > LARGE,
	    inputs->campaign.class == CLASS_AD && doubts.files > 0,
	    (long long)bare);
	result_set(review, CM_10W, all ? CHECK_FAIL : CHECK_PASS, all);
	if (all && doubts.first[0])
		result_why(review, CM_10W, "file_doubt", span_of(doubts.first));
	return 0;
}
