/* Who is extreme.  Every message is made as delivery would make it; each core
 * keeps the best it has seen of every kind, and what they have is joined at
 * the end, the lower position winning, so that the answer does not depend on
 * how the work was shared. */
#include <stdlib.h>

#include "core/access/access.h"
#include "core/base/mem.h"
#include "core/base/pool.h"
#include "core/base/utf8.h"
#include "core/mail/address.h"
#include "core/net/group.h"
#include "core/review/audience.h"
#include "core/review/gate.h"
#include "core/review/traits.h"

enum {
	CHUNK = 1024,
	WORKERS_MAX = 16,
	FIELDS_MAX = 64,
	WAYS_MAX = 128,
	FAULTS_MAX = 8
};

/* What is kept of each kind; the kinds of fields come behind the others. */
enum kind {
	KIND_NAME_NONE,
	KIND_NAME_SHORTEST,
	KIND_NAME_LONGEST,
	KIND_TRAIT, /* TRAITS of them */
	KIND_SUBJECT = KIND_TRAIT + TRAITS,
	KIND_BIGGEST,
	KIND_CHARSET,
	KIND_CARRIER,
	KIND_FILES_MOST,
	KIND_FILES_LEAST,
	KIND_HOUSE,                             /* GROUP_COUNT of them */
	KIND_WAY = KIND_HOUSE + GROUP_COUNT,    /* two for each of WAYS_MAX */
	KIND_LONGEST = KIND_WAY + 2 * WAYS_MAX, /* one for each field */
};

/* A place where recipients go different ways: a section, or a value with a
 * fallback.  Marks that always go the same way as another share its way. */
struct way {
	const struct merge_mark *mark; /* the first of them */
	struct buf name;
};

/* The best of one kind. */
struct find {
	int64_t position; /* 0: nobody */
	int64_t key, measure, count;
	struct buf address, name;
};

struct fault {
	struct find find;
	struct err why;
};

/* What one worker, or all, have found. */
struct finds {
	struct find *find;
	struct fault fault[FAULTS_MAX];
	size_t faults;
};

struct samples {
	struct arena *arena;
	struct sample *sample;
	size_t count, room;
	int64_t recipients;
	struct samples_stamp stamp;
};

/* One recipient on its way through a chunk; spans live in the arena. */
struct slot {
	struct recipient recipient;
	int64_t key, position;
};

struct search {
	struct store *store;
	struct samples_watch *watch;
	struct db *db;
	struct stmt *rows;
	struct template *template;
	const struct template_field *field;
	size_t field_count, kinds;
	struct way way[WAYS_MAX];
	size_t ways;
	const struct merge_mark *mark;
	size_t marks;
	unsigned *way_of;           /* of each mark; WAYS_MAX: none */
	struct suppress_set *stops; /* NULL: those frozen are not stopped */
	struct arena *arena;
	struct slot slot[CHUNK];
	size_t filled;
	int64_t position, at_ms, recipients, list_revision;
	bool is_frozen;
	struct campaign campaign;
	struct pool *pool;
	struct assembler *assembler[WORKERS_MAX];
	struct arena *scratch[WORKERS_MAX];
	unsigned char *took[WORKERS_MAX]; /* one for each mark */
	struct finds finds[WORKERS_MAX];
};

/* ---- Keeping the best ---------------------------------------------------- */

static void
keep(struct find *find, const struct slot *slot, int64_t measure)
{
	find->position = slot->position;
	find->key = slot->key;
	find->measure = measure;
	buf_clear(&find->address);
	buf_clear(&find->name);
	buf_add(&find->address, slot->recipient.address);
	buf_add(&find->name, slot->recipient.name);
}

/* The greatest measure wins, of equal ones the first. */
static bool
is_better(const struct find *find, int64_t position, int64_t measure)
{
	return find->position == 0 || measure > find->measure ||
	       (measure == find->measure && position < find->position);
}

static void
note_most(struct find *find, const struct slot *slot, int64_t measure)
{
	if (is_better(find, slot->position, measure))
		keep(find, slot, measure);
}

/* One of several: the first is kept, all are counted. */
static void
note_one(struct find *find, const struct slot *slot)
{
	find->count++;
	note_most(find, slot, 0);
}

/* Two faults are one kind when code and field are the same. */
static bool
is_same_fault(const struct err *a, const struct err *b)
{
	return a->code == b->code &&
	       strcmp(err_find(a, "field"), err_find(b, "field")) == 0;
}

static struct fault *
fault_of(struct finds *finds, const struct err *why)
{
	for (size_t i = 0; i < finds->faults; i++) {
		if (is_same_fault(&finds->fault[i].why, why))
			return &finds->fault[i];
	}
	if (finds->faults == FAULTS_MAX)
		return NULL;
	finds->fault[finds->faults].why = *why;
	return &finds->fault[finds->faults++];
}

static void
join(struct find *into, struct find *from)
{
	into->count += from->count;
	if (from->position == 0 ||
	    !is_better(into, from->position, from->measure))
		return;
	struct find swap = *into;
	int64_t count = into->count;

	*into = *from;
	into->count = count;
	*from = swap;
}

static void
join_finds(struct finds *into, struct finds *from, size_t kinds)
{
	for (size_t i = 0; i < kinds; i++)
		join(&into->find[i], &from->find[i]);
	for (size_t i = 0; i < from->faults; i++) {
		struct fault *fault = fault_of(into, &from->fault[i].why);

		if (!fault)
			continue;
		if (fault->find.position > from->fault[i].find.position)
			fault->why = from->fault[i].why;
		join(&fault->find, &from->fault[i].find);
	}
}

static void
finds_done(struct finds *finds, size_t kinds)
{
	for (size_t i = 0; finds->find && i < kinds; i++) {
		buf_done(&finds->find[i].address);
		buf_done(&finds->find[i].name);
	}
	for (size_t i = 0; i < FAULTS_MAX; i++) {
		buf_done(&finds->fault[i].find.address);
		buf_done(&finds->fault[i].find.name);
	}
	free(finds->find);
}

/* ---- One message ----------------------------------------------------------- */

static void
note_traits(struct find *find, const struct slot *slot, unsigned traits)
{
	for (int i = 0; traits && i < TRAITS; i++) {
		if (traits & 1u << i)
			note_one(&find[KIND_TRAIT + i], slot);
	}
}

static void
note_name(struct find *find, const struct slot *slot)
{
	struct span name = span_trim(slot->recipient.name);
	int cells = utf8_width(name);

	if (name.len == 0) {
		note_one(&find[KIND_NAME_NONE], slot);
		return;
	}
	note_most(&find[KIND_NAME_LONGEST], slot, cells);
	note_most(&find[KIND_NAME_SHORTEST], slot, -cells);
}

static void
note_address(struct search *search, const struct slot *slot, int worker)
{
	struct find *find = search->finds[worker].find;
	struct address address;

	arena_reset(search->scratch[worker]);
	if (address_parse(slot->recipient.address, search->scratch[worker],
		&address, NULL) < 0)
		return;
	if (address.quirk == ADDRESS_CARRIER_DOTS)
		note_one(&find[KIND_CARRIER], slot);
	note_one(&find[KIND_HOUSE + group_of_domain(address.domain)], slot);
}

/* Returns the traits of the values. */
static unsigned
note_fields(struct search *search, const struct slot *slot, int worker)
{
	struct find *longest = search->finds[worker].find + KIND_LONGEST;
	unsigned traits = 0;

	for (size_t i = 0; i < search->field_count; i++) {
		const struct template_field *field = &search->field[i];
		struct span value =
		    assemble_value(search->assembler[worker], i);

		if (value.len == 0 || !field->is_value ||
		    span_equal(field->name, SPAN("name")))
			continue;
		note_most(&longest[i], slot, utf8_width(value));
		traits |= traits_of(value);
	}
	return traits;
}

static void
note_ways(struct search *search, const struct slot *slot, int worker)
{
	struct find *find = search->finds[worker].find + KIND_WAY;
	unsigned char *took = search->took[worker];
	unsigned char way[WAYS_MAX + 1] = {0};

	if (search->ways == 0 || assemble_way(search->assembler[worker],
				     &slot->recipient, took, NULL) < 0)
		return;
	for (size_t i = 0; i < search->marks; i++)
		way[search->way_of[i]] |= took[i];
	for (size_t i = 0; i < search->ways; i++) {
		if (way[i] & WAY_MAIN)
			note_one(&find[2 * i], slot);
		if (way[i] & WAY_OTHER)
			note_one(&find[2 * i + 1], slot);
	}
}

static void
note_files(
    struct find *find, const struct slot *slot, const struct message *message)
{
	int64_t octets = 0;

	for (size_t i = 0; i < message->file_count; i++) {
		if (message->file[i].kind == ATTACH_EACH)
			octets += message->file[i].octets;
	}
	if (octets == 0)
		return;
	note_most(&find[KIND_FILES_MOST], slot, octets);
	note_most(&find[KIND_FILES_LEAST], slot, -octets);
}

static void
look(void *payload, size_t item, int worker)
{
	struct search *search = payload;
	const struct slot *slot = &search->slot[item];
	struct find *find = search->finds[worker].find;
	struct message message;
	struct err err = {0};

	note_address(search, slot, worker);
	note_name(find, slot);
	if (assemble_message(search->assembler[worker], &slot->recipient,
		search->at_ms, &message, &err) < 0) {
		struct fault *fault = fault_of(&search->finds[worker], &err);

		if (fault)
			note_one(&fault->find, slot);
		return;
	}
	note_traits(find, slot,
	    traits_of(slot->recipient.name) |
		note_fields(search, slot, worker));
	note_most(&find[KIND_SUBJECT], slot, utf8_width(message.subject));
	note_most(&find[KIND_BIGGEST], slot, (int64_t)message.bytes.len);
	if (search->campaign.charset == CHARSET_ISO_2022_JP &&
	    message.charset == CHARSET_UTF_8)
		note_one(&find[KIND_CHARSET], slot);
	note_files(find, slot, &message);
	/* the message ends here */
	note_ways(search, slot, worker);
}

/* ---- All of them ------------------------------------------------------------- */

/* Takes the present row into the chunk unless it is stopped. */
static int
take_row(struct search *search, struct err *err)
{
	struct stmt *rows = search->rows;
	struct slot *slot = &search->slot[search->filled];
	int stopped = 0;

	search->position++;
	if (search->stops)
		stopped = suppress_set_check(search->stops, search->db,
		    stmt_col_text(rows, AUDIENCE_CANON), err);
	if (stopped != 0)
		return stopped < 0 ? -1 : 0;
	*slot = (struct slot){.key = stmt_col_int(rows, AUDIENCE_KEY),
	    .position = search->position};
	slot->recipient = (struct recipient){
	    .seq = search->is_frozen ? stmt_col_int(rows, AUDIENCE_SEQ)
				     : search->position,
	    .address = arena_copy(
		search->arena, stmt_col_text(rows, AUDIENCE_ADDRESS)),
	    .name =
		arena_copy(search->arena, stmt_col_text(rows, AUDIENCE_NAME)),
	    .fields =
		arena_copy(search->arena, stmt_col_text(rows, AUDIENCE_FIELDS)),
	};
	search->filled++;
	return 0;
}

static int
look_at_all(struct search *search, struct err *err)
{
	int got;

	do {
		arena_reset(search->arena);
		search->filled = 0;
		while ((got = 1) && search->filled < CHUNK &&
		       (got = stmt_step(search->rows, err)) == 1) {
			if (take_row(search, err) < 0)
				return -1;
		}
		if (got < 0)
			return -1;
		pool_each(search->pool, search->filled, look, search);
		search->recipients += (int64_t)search->filled;
		atomic_store(&search->watch->done, search->position);
		if (search->watch->cancel && atomic_load(search->watch->cancel))
			return err_set(err, E_CANCELLED);
	} while (got == 1);
	return 0;
}

static int
list_revision(struct db *db, const struct campaign *campaign, int64_t *out,
    struct err *err)
{
	struct list_info list;

	if (list_find(db, (struct list_id){campaign->list}, &list, err) < 0)
		return -1;
	*out = list.revision;
	return 0;
}

/* ---- Ways -------------------------------------------------------------------- */

static bool
is_same_way(const struct merge_mark *a, const struct merge_mark *b)
{
	return a->kind == b->kind && a->field == b->field &&
	       a->parent == b->parent && span_equal(a->fallback, b->fallback);
}

static bool
parts_ways(const struct merge_mark *mark)
{
	return mark->kind == MERGE_SECTION || mark->kind == MERGE_INVERTED ||
	       (mark->kind == MERGE_VALUE && mark->has_fallback);
}

static void
find_ways(struct search *search)
{
	search->mark = template_marks(search->template, &search->marks);
	search->way_of = mem_array(search->marks, sizeof *search->way_of);
	for (size_t i = 0; i < search->marks; i++) {
		const struct merge_mark *mark = &search->mark[i];
		unsigned way = 0;

		search->way_of[i] = WAYS_MAX;
		if (!parts_ways(mark))
			continue;
		while (way < search->ways &&
		       !is_same_way(search->way[way].mark, mark))
			way++;
		if (way == WAYS_MAX)
			continue;
		if (way == search->ways) {
			search->ways++;
			search->way[way].mark = mark;
			if (mark->kind == MERGE_INVERTED)
				buf_char(&search->way[way].name, '^');
			buf_add(&search->way[way].name, mark->name);
			if (mark->kind == MERGE_VALUE) {
				buf_char(&search->way[way].name, '|');
				buf_add(&search->way[way].name, mark->fallback);
			}
		}
		search->way_of[i] = way;
	}
}

static int
set_up(struct search *search, struct campaign_id id, struct err *err)
{
	int64_t total = 0;

	if (store_reader_open(search->store, &search->db, err) < 0 ||
	    campaign_read(search->db, id, &search->campaign, err) < 0 ||
	    list_revision(search->db, &search->campaign, &search->list_revision,
		err) < 0 ||
	    template_compile(search->store, search->db, &search->campaign,
		&search->template, err) < 0)
		return -1;
	search->field = template_fields(search->template, &search->field_count);
	if (search->field_count > FIELDS_MAX)
		search->field_count = FIELDS_MAX;
	search->kinds = KIND_LONGEST + search->field_count;
	find_ways(search);
	if (pool_new(WORKERS_MAX, &search->pool, err) < 0)
		return -1;
	for (int i = 0; i < pool_size(search->pool); i++) {
		search->scratch[i] = arena_new();
		search->took[i] = mem_array(search->marks, 1);
		search->finds[i].find =
		    mem_array(search->kinds, sizeof(struct find));
		if (assembler_new(search->store, search->db, search->template,
			ASSEMBLE_UNSIGNED, &search->assembler[i], err) < 0)
			return -1;
	}
	search->rows = audience_rows(
	    search->db, &search->campaign, &search->is_frozen, &total, err);
	if (!search->rows)
		return -1;
	atomic_store(&search->watch->total, total);
	if (!search->is_frozen)
		search->stops = suppress_set_new(
		    search->store, (struct list_id){search->campaign.list});
	return 0;
}

static void
tear_down(struct search *search)
{
	stmt_reset(search->rows);
	pool_free(&search->pool);
	for (int i = 0; i < WORKERS_MAX; i++) {
		assembler_free(&search->assembler[i]);
		arena_free(&search->scratch[i]);
		finds_done(&search->finds[i], search->kinds);
		free(search->took[i]);
	}
	for (size_t i = 0; i < search->ways; i++)
		buf_done(&search->way[i].name);
	free(search->way_of);
	template_free(&search->template);
	suppress_set_free(&search->stops);
	campaign_done(&search->campaign);
	store_reader_close(&search->db);
	arena_free(&search->arena);
	free(search);
}

/* ---- The answer ---------------------------------------------------------------- */

static struct sample *
add(struct samples *samples, const struct find *find, enum sample_reason reason,
    struct span what)
{
	if (find->position == 0)
		return NULL;
	if (samples->count == samples->room) {
		samples->room = samples->room ? samples->room * 2 : 32;
		samples->sample = mem_grow(
		    samples->sample, samples->room * sizeof *samples->sample);
	}
	samples->sample[samples->count] = (struct sample){.reason = reason,
	    .what = arena_copy(samples->arena, what),
	    .key = find->key,
	    .position = find->position,
	    .address = arena_copy(samples->arena, buf_span(&find->address)),
	    .name = arena_copy(samples->arena, buf_span(&find->name)),
	    .measure = find->measure < 0 ? -find->measure : find->measure,
	    .count = find->count};
	return &samples->sample[samples->count++];
}

static void
add_fallbacks(struct samples *samples, const struct search *search)
{
	const struct find *find = search->finds[0].find + KIND_WAY;

	for (size_t i = 0; i < search->ways; i++) {
		if (search->way[i].mark->kind == MERGE_VALUE)
			add(samples, &find[2 * i + 1], SAMPLE_FALLBACK,
			    buf_span(&search->way[i].name));
	}
}

static void
add_sections(struct samples *samples, const struct search *search, size_t side,
    enum sample_reason reason)
{
	const struct find *find = search->finds[0].find + KIND_WAY;

	for (size_t i = 0; i < search->ways; i++) {
		if (search->way[i].mark->kind != MERGE_VALUE)
			add(samples, &find[2 * i + side], reason,
			    buf_span(&search->way[i].name));
	}
}

static void
add_all(struct samples *samples, const struct search *search)
{
	static const struct {
		enum kind kind;
		enum sample_reason reason;
	} plain[] = {
	    {KIND_TRAIT + TRAIT_EMOJI, SAMPLE_EMOJI},
	    {KIND_TRAIT + TRAIT_KANJI, SAMPLE_KANJI},
	    {KIND_TRAIT + TRAIT_SCRIPT, SAMPLE_SCRIPT},
	    {KIND_TRAIT + TRAIT_RTL, SAMPLE_RTL},
	    {KIND_TRAIT + TRAIT_CONTROL, SAMPLE_CONTROL},
	    {KIND_TRAIT + TRAIT_PRIVATE, SAMPLE_PRIVATE},
	    {KIND_SUBJECT, SAMPLE_SUBJECT},
	    {KIND_BIGGEST, SAMPLE_BIGGEST},
	    {KIND_CHARSET, SAMPLE_CHARSET},
	    {KIND_FILES_MOST, SAMPLE_FILES_MOST},
	    {KIND_FILES_LEAST, SAMPLE_FILES_LEAST},
	    {KIND_CARRIER, SAMPLE_CARRIER},
	};
	const struct finds *finds = &search->finds[0];
	const struct find *find = finds->find;

	for (size_t i = 0; i < finds->faults; i++) {
		const struct err *why = &finds->fault[i].why;
		struct sample *sample = add(samples, &finds->fault[i].find,
		    SAMPLE_FAULT, span_of(err_find(why, "field")));

		if (sample)
			sample->why = *why;
	}
	add_fallbacks(samples, search);
	add_sections(samples, search, 0, SAMPLE_SHOWN);
	add_sections(samples, search, 1, SAMPLE_NOT_SHOWN);
	add(samples, &find[KIND_NAME_NONE], SAMPLE_NAME_NONE, SPAN(""));
	add(samples, &find[KIND_NAME_SHORTEST], SAMPLE_NAME_SHORTEST, SPAN(""));
	add(samples, &find[KIND_NAME_LONGEST], SAMPLE_NAME_LONGEST, SPAN(""));
	for (size_t i = 0; i < search->field_count; i++)
		add(samples, &find[KIND_LONGEST + i], SAMPLE_VALUE_LONGEST,
		    search->field[i].name);
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		add(samples, &find[plain[i].kind], plain[i].reason, SPAN(""));
	for (int i = 0; i < GROUP_COUNT; i++)
		add(samples, &find[KIND_HOUSE + i], SAMPLE_HOUSE,
		    span_of(group_name((enum group)i)));
}

static struct samples *
answer(struct search *search)
{
	struct samples *samples = mem_new(sizeof *samples);

	samples->arena = arena_new();
	samples->recipients = search->recipients;
	samples->stamp = (struct samples_stamp){.campaign = search->campaign.id,
	    .list_revision = search->list_revision,
	    .is_frozen = search->is_frozen};
	template_digest(search->template, &samples->stamp.digest);
	for (int i = 1; i < pool_size(search->pool); i++)
		join_finds(&search->finds[0], &search->finds[i], search->kinds);
	add_all(samples, search);
	return samples;
}

int
samples_find(struct store *store, struct campaign_id campaign, int64_t at_ms,
    struct samples_watch *watch, struct samples **out, struct err *err)
{
	if (person_require(store, NULL, MAY_MAIL_VIEW, err) < 0)
		return -1;
	return samples_search(store, campaign, at_ms, watch, out, err);
}

int
samples_search(struct store *store, struct campaign_id campaign, int64_t at_ms,
    struct samples_watch *watch, struct samples **out, struct err *err)
{
	struct search *search = mem_new(sizeof *search);
	int rc = -1;

	search->store = store;
	search->watch = watch;
	search->at_ms = at_ms;
	search->arena = arena_new();
	if (set_up(search, campaign, err) == 0 &&
	    look_at_all(search, err) == 0) {
		*out = answer(search);
		rc = 0;
	}
	tear_down(search);
	return rc;
}

void
samples_free(struct samples **samples)
{
	if (!*samples)
		return;
	arena_free(&(*samples)->arena);
	free((*samples)->sample);
	free(*samples);
	*samples = NULL;
}

const struct sample *
samples_all(const struct samples *samples, size_t *count)
{
	*count = samples->count;
	return samples->sample;
}

struct samples_stamp
samples_stamp(const struct samples *samples)
{
	return samples->stamp;
}

int64_t
samples_recipients(const struct samples *samples)
{
	return samples->recipients;
}

int
samples_fit(const struct samples_stamp *stamp, struct store *store,
    struct db *db, struct err *err)
{
	struct campaign campaign = CAMPAIGN_INIT;
	struct template *template = NULL;
	struct digest digest;
	int64_t revision = 0, total;
	bool is_frozen = false;
	struct stmt *rows = NULL;
	int rc = -1;

	if (campaign_read(db, stamp->campaign, &campaign, err) < 0 ||
	    list_revision(db, &campaign, &revision, err) < 0 ||
	    template_compile(store, db, &campaign, &template, err) < 0)
		goto out;
	rows = audience_rows(db, &campaign, &is_frozen, &total, err);
	if (!rows)
		goto out;
	template_digest(template, &digest);
	rc = revision == stamp->list_revision &&
	     is_frozen == stamp->is_frozen &&
	     digest_equal(&digest, &stamp->digest);
out:
	stmt_reset(rows);
	template_free(&template);
	campaign_done(&campaign);
	return rc;
}
